// Each map is put together from its own pieces and what all share, in a frame of its own.
var shared = JSON.parse(document.getElementById("jsna-map-shared").textContent);
var frames = [];
function ask(frame) {
  // The size of the frame is known in it only after the page around it is laid out.
  if (frame.offsetWidth) { frame.contentWindow.postMessage("jsna-height", "*"); }
}
document.querySelectorAll(".jsna-map").forEach(function (place) {
  var pieces = JSON.parse(place.querySelector("script").textContent);
  var frame = document.createElement("iframe");
  frame.title = place.getAttribute("data-title");
  // Forms are sent nowhere (form-action 'none'): "Find" is one.
  frame.setAttribute("sandbox", "allow-scripts allow-forms");
  frame.addEventListener("load", function () { ask(frame); });
  frame.srcdoc = pieces.map(function (piece) {
    return typeof piece === "number" ? shared[piece] : piece;
  }).join("");
  place.insertBefore(frame, place.firstChild);
  place.classList.add("live");
  frames.push(frame);
});
window.addEventListener("resize", function () { frames.forEach(ask); });
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
