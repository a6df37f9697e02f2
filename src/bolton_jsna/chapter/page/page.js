// A table that is wider than its place scrolls: only then it is a stop for Tab.
var boxes = Array.from(document.querySelectorAll(".scroll"));
function names(box, scrolls) {
  var given = { tabindex: "0", role: "region", "aria-labelledby": box.querySelector("caption").id };
  Object.keys(given).forEach(function (name) {
    if (scrolls) { box.setAttribute(name, given[name]); } else { box.removeAttribute(name); }
  });
}
function arrange() {
  boxes.forEach(function (box) {
    if (box.scrollWidth > box.clientWidth + 1) {
      names(box, true);
    } else if (box !== document.activeElement) {
      names(box, false);
    }
  });
}
arrange();
window.addEventListener("resize", arrange);
