(function () {
"use strict";
// The index is a script, because a page that is opened from a folder may not read a file.
var index = window.siteIndex, find = document.getElementById("find");
var hits = document.getElementById("hits"), found = document.getElementById("found");
function fold(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/&/g, " and ").replace(/[^a-z0-9]+/g, " ").trim();
}
function show() {
  var words = fold(find.value).split(" ").filter(Boolean);
  var fitting = words.length ? index.filter(function (each) {
    var text = fold(each[0]);
    return words.every(function (word) { return text.indexOf(word) >= 0; });
  }) : [];
  hits.textContent = "";
  fitting.slice(0, 30).forEach(function (each) {
    var link = document.createElement("a");
    link.href = each[1];
    link.textContent = each[0];
    hits.appendChild(document.createElement("li")).appendChild(link);
  });
  found.textContent = !words.length ? "" : fitting.length === 1 ? "1 page fits." :
    fitting.length + " pages fit" + (fitting.length > 30 ? "; the first 30 are listed." : ".");
}
find.addEventListener("input", show);
document.getElementById("search").addEventListener("submit", function (event) {
  event.preventDefault();
  var first = hits.querySelector("a");
  if (first) { first.focus(); }
});
show();
}());
