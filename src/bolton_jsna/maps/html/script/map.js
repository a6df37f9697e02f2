var data = JSON.parse(document.getElementById("map-data").textContent);
var byId = function (id) { return document.getElementById(id); };
var each = function (list, action) { Array.prototype.forEach.call(list, action); };
var table = byId("figures"), panel = byId("panel"), body = table.tBodies[0];
var rows = Array.prototype.slice.call(body.rows);
var names = rows.map(function (row) { return row.cells[0].textContent; });
var codes = rows.map(function (row) { return row.cells[1].textContent; });
var calm = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// Shapes: the first corner, then the steps to the next ones, in 1e-5 degrees.
function unpack(ring) {
  var x = 0, y = 0, corners = [];
  for (var i = 0; i < ring.length; i += 2) {
    x += ring[i]; y += ring[i + 1];
    corners.push([y / 1e5, x / 1e5]);
  }
  return corners;
}
function unpacked(polygons) {
  return polygons.map(function (rings) { return rings.map(unpack); });
}
function closed(polygons) {
  var lines = [];
  polygons.forEach(function (rings) {
    rings.forEach(function (ring) { lines.push(ring.concat([ring[0]])); });
  });
  return lines;
}
var shapes = data.shapes.map(unpacked), wider = data.lines.map(unpacked);

var map = L.map("map", {
  attributionControl: data.tiles, keyboard: false, scrollWheelZoom: false, zoomSnap: 0.1,
  zoomDelta: 0.5, zoomAnimation: !calm, fadeAnimation: false, inertia: !calm,
  renderer: L.svg({ padding: 0.6 })
});
window[data.name] = map;
byId("map").removeAttribute("tabindex");
var whole = L.latLngBounds(data.bounds), moved = false;
function fit() {
  var size = map.getSize(), pad = size.x > 200 && size.y > 200 ? 12 : 0;
  // Before the page has a layout the map has no size, and no zoom fits.
  if (size.x < 20 || size.y < 20) {
    map.setView(whole.getCenter(), 10, { animate: false });
    return;
  }
  map.fitBounds(whole, { padding: [pad, pad], animate: false });
}
fit();
map.on("dragstart", function () { moved = true; });
each(document.querySelectorAll(".leaflet-control-zoom a"), function (link) {
  link.addEventListener("click", function () { moved = true; });
  link.addEventListener("keydown", function (event) {
    if (event.key === " ") { event.preventDefault(); link.click(); }
  });
});
L.control.scale({ imperial: false }).addTo(map);

var areas = shapes.map(function (shape) {
  return L.polygon(shape, {
    stroke: false, fill: true, fillOpacity: data.tiles ? 0.8 : 1, smoothFactor: 0,
    className: "area"
  }).addTo(map);
});
var plain = { fill: false, interactive: false, smoothFactor: 0, lineJoin: "round", opacity: 1 };
function drawn(lines, colour, weight) {
  return L.polyline(lines, Object.assign({ color: colour, weight: weight }, plain)).addTo(map);
}
function all(every) { return [].concat.apply([], every.map(closed)); }
var fine = areas.length > 60, edges = all(shapes), borders = [
  drawn(edges, "#ffffff", fine ? 1 : 2.2), drawn(edges, "#3d3d3d", fine ? 0.4 : 0.7)
];
if (wider.length) {
  borders.push(drawn(all(wider), "#ffffff", 4), drawn(all(wider), "#1d1d1d", 1.8));
}
// Borders of small areas are thinner or left out: they would hide the colours.
var typical = areas.map(function (area) {
  var box = area.getBounds();
  var size = map.project(box.getSouthEast(), 12).subtract(map.project(box.getNorthWest(), 12));
  return Math.sqrt(size.x * size.y);
}).sort(function (one, other) { return one - other; })[Math.floor(areas.length / 2)];
function thin() {
  var across = typical * Math.pow(2, map.getZoom() - 12), small = across < 14, tiny = across < 5;
  borders[0].setStyle({ weight: small ? 0.4 : 1, opacity: tiny ? 0 : 1 });
  borders[1].setStyle({ weight: 0.4, opacity: small ? 0 : 1 });
  byId("map").classList.toggle("tiny", tiny);
}
if (fine) {
  map.on("zoomend", thin);
  thin();
}
var marks = [], rim = [drawn([], "#ffffff", 7), drawn([], "#000000", 3)];

// What is marked until the reader chooses something else: an area, or a larger area.
var layer = 0, pinned = -1, ringed = -1, shown = -1, stop = 0;
function outline(polygons) {
  rim.forEach(function (line) { line.setLatLngs(closed(polygons)); });
}
function make(tag, text, name) {
  var element = document.createElement(tag);
  if (text !== undefined) { element.textContent = text; }
  if (name) { element.className = name; }
  return element;
}
function describe(at, place) {
  var list = make("dl"), of = data.layers[layer];
  place.textContent = "";
  place.classList.toggle("filled", at >= 0);
  if (at < 0) { place.appendChild(make("p", data.hint, "hint")); return; }
  place.appendChild(make("h2", names[at]));
  of.columns.forEach(function (column) {
    var pair = list.appendChild(make("div"));
    pair.appendChild(make("dt", column[1]));
    pair.appendChild(make("dd", rows[at].cells[column[0]].textContent));
  });
  place.appendChild(list);
  [of.made, of.source].forEach(function (line) {
    if (line) { place.appendChild(make("p", line, "small")); }
  });
}
function show(at) {
  outline(at >= 0 ? shapes[at] : ringed >= 0 ? wider[ringed] : []);
  if (at === shown) { return; }
  if (shown >= 0) { rows[shown].classList.remove("here"); }
  if (at >= 0) { rows[at].classList.add("here"); }
  shown = at;
  describe(at, panel);
}
// Of thousands of areas only those with the most text are tried.
function longest(most) {
  var found = areas.map(function (_, at) { return at; });
  if (found.length <= most) { return found; }
  var lengths = found.map(function (at) { return label(at).length; });
  return found.sort(function (one, other) { return lengths[other] - lengths[one]; }).slice(0, most);
}
// The panel is as high as its longest content, so that nothing around it moves.
function reserve() {
  var draft = panel.cloneNode(false), most = 0;
  draft.removeAttribute("id");
  draft.setAttribute("aria-hidden", "true");
  draft.style.cssText = "position:absolute;visibility:hidden;min-height:0;width:" +
    panel.getBoundingClientRect().width + "px";
  panel.parentNode.appendChild(draft);
  longest(60).concat(-1).forEach(function (at) {
    describe(at, draft);
    most = Math.max(most, draft.getBoundingClientRect().height);
  });
  draft.remove();
  panel.style.minHeight = Math.ceil(most) + "px";
}

function press() {
  areas.forEach(function (area, at) {
    area.getElement().setAttribute("aria-pressed", at === pinned ? "true" : "false");
  });
}
// The panel can be below the screen; the map stays in view if both fit.
function reveal(behavior) {
  panel.scrollIntoView({ block: "nearest", behavior: behavior });
}
function mark(at, line) {
  pinned = at;
  ringed = line;
  byId("found").textContent = byId("said").textContent = "";
  press();
}
function pin(at) {
  mark(at === pinned ? -1 : at, -1);
  show(at);
  if (pinned >= 0) { reveal(calm ? "auto" : "smooth"); }
}
function label(at) {
  return names[at] + ": " + data.layers[layer].columns.map(function (column) {
    return column[1] + " " + rows[at].cells[column[0]].textContent;
  }).join(", ");
}

// One area is a stop for Tab; keys move within the map.
function hold(at) {
  areas[stop].getElement().setAttribute("tabindex", "-1");
  stop = at;
  areas[stop].getElement().setAttribute("tabindex", "0");
}
var middles = areas.map(function (area) { return map.project(area.getCenter(), 12); });
function towards(at, x, y) {
  var best = at, least = Infinity;
  middles.forEach(function (point, other) {
    var step = point.subtract(middles[at]), along = step.x * x + step.y * y;
    var across = Math.abs(step.x * y) + Math.abs(step.y * x);
    // First choice: what lies more in this direction than to its side.
    var cost = along + 2 * across + (across > along ? 1e6 : 0);
    if (other !== at && along > 0.5 && cost < least) { best = other; least = cost; }
  });
  return best;
}
function target(at, key) {
  var last = areas.length - 1;
  switch (key) {
    case "ArrowRight": return towards(at, 1, 0);
    case "ArrowLeft": return towards(at, -1, 0);
    case "ArrowDown": return towards(at, 0, 1);
    case "ArrowUp": return towards(at, 0, -1);
    case "PageDown": return at === last ? 0 : at + 1;
    case "PageUp": return at === 0 ? last : at - 1;
    case "Home": return 0;
    case "End": return last;
  }
  return -1;
}
areas.forEach(function (area, at) {
  var element = area.getElement();
  element.setAttribute("tabindex", at === stop ? "0" : "-1");
  element.setAttribute("role", "button");
  element.setAttribute("data-code", codes[at]);
  area.on("mouseover", function () { show(at); });
  area.on("mouseout", function () { show(pinned); });
  area.on("click", function () { hold(at); pin(at); });
  element.addEventListener("focus", function () {
    hold(at);
    if (!map.getBounds().contains(area.getBounds())) {
      map.panInside(area.getBounds().getCenter(), { padding: [60, 60], animate: false });
    }
    show(at);
  });
  element.addEventListener("blur", function () { show(pinned); });
  element.addEventListener("keydown", function (event) {
    var next = target(at, event.key);
    if (next >= 0) {
      event.preventDefault();
      areas[next].getElement().focus({ preventScroll: true });
    }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pin(at); }
    // The ring stays: it is where the keyboard is.
    if (event.key === "Escape") { mark(-1, -1); show(at); }
  });
});

function paint(index) {
  layer = index;
  var chosen = data.layers[index], visible = chosen.columns.map(function (column) {
    return column[0];
  });
  areas.forEach(function (area, at) {
    area.setStyle({ fillColor: chosen.entries[chosen.painted[at]] });
    area.getElement().setAttribute("aria-label", label(at));
  });
  marks.forEach(function (mark) { mark.remove(); });
  marks = chosen.marks.map(function (mark) {
    var covered = [].concat.apply([], mark.areas.map(function (at) { return shapes[at]; }));
    return L.polygon(covered, {
      stroke: false, fill: true, fillColor: mark.fill, fillOpacity: 1, interactive: false,
      smoothFactor: 0, className: "mark"
    }).addTo(map);
  });
  borders.concat(rim).forEach(function (line) { line.bringToFront(); });
  each(table.rows, function (row) {
    each(row.cells, function (cell, at) {
      var place = visible.indexOf(at);
      cell.classList.toggle("off", at > 1 && place < 0);
      if (place >= 0) { cell.setAttribute("data-head", chosen.columns[place][1]); }
    });
  });
  data.layers.forEach(function (other, at) { byId("legend-" + at).hidden = at !== index; });
  if (data.layers.length > 1) {
    byId("map").setAttribute("aria-describedby", "words-" + index);
  }
  var here = shown;
  if (here >= 0) { rows[here].classList.remove("here"); }
  shown = -2;
  show(here);
}
