// The arrow keys go through the figures of a chart; what is chosen is read out and written below.
document.querySelectorAll(".jsna-chart").forEach(function (chart) {
  var said = chart.querySelector(".said");
  chart.querySelector(".keys").hidden = false;
  chart.querySelectorAll("svg").forEach(function (svg) {
    var items = Array.from(svg.querySelectorAll(".item"));
    if (!items.length) { return; }
    items[0].setAttribute("tabindex", "0");
    function choose(at) {
      var next = items[(at + items.length) % items.length];
      items.forEach(function (each) { each.setAttribute("tabindex", "-1"); });
      next.setAttribute("tabindex", "0");
      next.focus();
    }
    function announce(item) { said.textContent = item.getAttribute("aria-label"); }
    items.forEach(function (item, at) {
      item.addEventListener("focus", function () { announce(item); });
      item.addEventListener("mouseenter", function () { announce(item); });
      item.addEventListener("keydown", function (event) {
        var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (step) { event.preventDefault(); choose(at + step); }
        if (event.key === "Home") { event.preventDefault(); choose(0); }
        if (event.key === "End") { event.preventDefault(); choose(items.length - 1); }
      });
    });
  });
  var twin = chart.querySelector("details");
  if (location.hash === "#table") { twin.open = true; }
  document.querySelectorAll(".skip").forEach(function (link) {
    link.addEventListener("click", function () { twin.open = true; });
  });
});
