// Each map is put together from its own pieces and what all share, in a frame of its own.
var shared = JSON.parse(document.getElementById("jsna-map-shared").textContent);
var frames = [];
document.querySelectorAll(".jsna-map").forEach(function (place) {
  var pieces = JSON.parse(place.querySelector("script").textContent);
  var frame = document.createElement("iframe");
  frame.title = place.getAttribute("data-title");
  // Forms are sent nowhere (form-action 'none'): "Find" is one.
  frame.setAttribute("sandbox", "allow-scripts allow-forms");
  frame.srcdoc = pieces.map(function (piece) {
    return typeof piece === "number" ? shared[piece] : piece;
  }).join("");
  place.insertBefore(frame, place.firstChild);
  place.classList.add("live");
  frames.push(frame);
});
// A frame is as high as its map.
window.addEventListener("message", function (event) {
  var high = event.data && event.data.jsnaMap;
  if (typeof high !== "number" || !isFinite(high)) { return; }
  frames.forEach(function (frame) {
    if (event.source === frame.contentWindow) {
      frame.style.height = Math.min(Math.max(high, 200), 6000) + "px";
    }
  });
});
