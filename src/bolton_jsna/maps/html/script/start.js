function choice(index) {
  byId("said").textContent = "";
  paint(index);
  paintNames();
  reserve();
  arrange();
}
paint(0);
press();
placeNames();
reserve();
arrange();
each(document.querySelectorAll("input[name=layer]"), function (button, index) {
  button.addEventListener("change", function () { if (button.checked) { choice(index); } });
  if (button.checked) { choice(index); }
});
if (window.ResizeObserver) {
  new ResizeObserver(function () {
    map.invalidateSize({ animate: false });
    if (!moved) { fit(); }
    reserve();
    arrange();
  }).observe(byId("map"));
}

// A printed page is narrower than the screen: it shows the whole map as an image that scales.
window.addEventListener("beforeprint", function () {
  var at = map.getCenter(), zoom = map.getZoom(), paper = byId("print");
  map.invalidateSize({ animate: false });
  fit();
  var low = map.latLngToLayerPoint(whole.getSouthWest());
  var high = map.latLngToLayerPoint(whole.getNorthEast());
  var copy = document.querySelector("#map svg").cloneNode(true);
  var bar = document.querySelector(".leaflet-control-scale-line");
  each(copy.querySelectorAll("path"), function (path) {
    ["tabindex", "role", "aria-label", "aria-pressed", "class", "data-code"].forEach(
      function (name) { path.removeAttribute(name); }
    );
  });
  ["width", "height", "style", "class"].forEach(function (name) { copy.removeAttribute(name); });
  copy.setAttribute("viewBox", [
    low.x - 4, high.y - 4, high.x - low.x + 8, low.y - high.y + 34
  ].join(" "));
  var draw = function (tag, values) {
    var element = document.createElementNS(SVG, tag);
    Object.keys(values).forEach(function (name) { element.setAttribute(name, values[name]); });
    return copy.appendChild(element);
  };
  draw("path", {
    d: "M" + low.x + " " + (low.y + 10) + "v8h" + bar.offsetWidth + "v-8", fill: "none",
    stroke: "#1d1d1d"
  });
  draw("text", {
    x: low.x + bar.offsetWidth + 6, y: low.y + 20, "font-size": 14
  }).textContent = bar.textContent;
  paper.textContent = "";
  paper.appendChild(copy);
  if (moved) { map.setView(at, zoom, { animate: false }); }
});
