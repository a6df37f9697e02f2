// On a narrow page a table that does not fit is shown as blocks of rows; on a wide one it scrolls.
// Only what scrolls is a stop for Tab.
var boxes = Array.from(document.querySelectorAll(".table .scroll"));
function wide(box) { return box.scrollWidth > box.clientWidth + 1; }
function name(box, scrolls) {
  var by = box.querySelector("table").getAttribute("aria-labelledby");
  var given = { tabindex: "0", role: "region", "aria-labelledby": by };
  Object.keys(given).forEach(function (each) {
    if (scrolls) { box.setAttribute(each, given[each]); } else { box.removeAttribute(each); }
  });
}
function arrange() {
  boxes.forEach(function (box) {
    box.parentNode.classList.add("fits");
    if (wide(box)) { box.parentNode.classList.remove("fits"); }
    if (wide(box)) { name(box, true); } else if (box !== document.activeElement) { name(box, false); }
  });
}
// Blocks take much room: the first rows are shown, all of them with the button.
var first = 5;
boxes.forEach(function (box) {
  var place = box.parentNode, rows = box.querySelectorAll("tbody tr").length;
  if (rows <= first + 1) { return; }
  var title = place.querySelector(".title").textContent.split(":")[0];
  var button = document.createElement("button");
  button.type = "button";
  button.className = "more";
  function show(every) {
    place.classList.toggle("folded", !every);
    button.setAttribute("aria-expanded", String(every));
    button.textContent = every ? "Show only " + first + " rows of " + title
      : "Show all " + rows + " rows of " + title;
  }
  button.addEventListener("click", function () { show(place.classList.contains("folded")); });
  place.insertBefore(button, box.nextSibling);
  show(false);
});
arrange();
window.addEventListener("resize", arrange);
