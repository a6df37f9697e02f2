// Names on the map: each at the largest size at which it fits its area, or not at all.
var SIZES = [15, 14, 13, 12, 11], ROWS = 28, ROOM = 4;
var SVG = "http://www.w3.org/2000/svg";
var pen = document.createElement("canvas").getContext("2d"), widths = {};
var named = wider.length ? wider : shapes, words = wider.length ? data.lineNames : names;
var group = document.createElementNS(SVG, "g"), spots = [];
group.setAttribute("class", "names");
group.setAttribute("aria-hidden", "true");

function width(text, size) {
  if (!(text in widths)) {
    pen.font = "100px " + getComputedStyle(document.body).fontFamily;
    widths[text] = pen.measureText(text).width / 100;
  }
  return widths[text] * size;
}
// A name in one, two or three lines, each time with the shortest longest line.
function wraps(name) {
  var parts = name.split(" "), found = [[name]], best;
  function keep(lines) {
    var most = Math.max.apply(null, lines.map(function (line) { return width(line, 1); }));
    if (!best || most < best.most) { best = { lines: lines, most: most }; }
  }
  var cut = function (from, to) { return parts.slice(from, to).join(" "); }, i, j;
  for (i = 1; i < parts.length; i += 1) { keep([cut(0, i), cut(i)]); }
  if (best) { found.push(best.lines); }
  best = undefined;
  for (i = 1; i < parts.length - 1; i += 1) {
    for (j = i + 1; j < parts.length; j += 1) { keep([cut(0, i), cut(i, j), cut(j)]); }
  }
  if (best) { found.push(best.lines); }
  return found;
}
function inside(rings, x, y) {
  var odd = false;
  rings.forEach(function (ring) {
    for (var i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      var a = ring[i], b = ring[j];
      if (a.y > y !== b.y > y && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) { odd = !odd; }
    }
  });
  return odd;
}
// The free spans of a horizontal band: between them, edges of the area cross it.
function spans(rings, top, bottom) {
  var taken = [], free = [], end = -Infinity;
  rings.forEach(function (ring) {
    for (var i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      var a = ring[j], b = ring[i], low = a.y < b.y ? a : b, high = a.y < b.y ? b : a;
      if (high.y < top || low.y > bottom) { continue; }
      var slope = high.y === low.y ? 0 : (high.x - low.x) / (high.y - low.y);
      var one = low.y < top ? low.x + slope * (top - low.y) : low.x;
      var two = high.y > bottom ? low.x + slope * (bottom - low.y) : high.x;
      taken.push([Math.min(one, two), Math.max(one, two)]);
    }
  });
  taken.sort(function (one, other) { return one[0] - other[0]; });
  taken.forEach(function (span) {
    var middle = (end + span[0]) / 2;
    if (span[0] > end && end > -Infinity && inside(rings, middle, (top + bottom) / 2)) {
      free.push([end, span[0]]);
    }
    end = Math.max(end, span[1]);
  });
  return free;
}
function place(polygons, name) {
  var best;
  polygons.forEach(function (rings) {
    var ys = rings[0].map(function (point) { return point.y; });
    var top = Math.min.apply(null, ys), bottom = Math.max.apply(null, ys);
    SIZES.some(function (size) {
      wraps(name).forEach(function (lines) {
        var most = Math.max.apply(null, lines.map(function (line) { return width(line, size); }));
        var high = lines.length * size * 1.15 + 2, wide = most + 2 * ROOM;
        for (var row = 0; row <= ROWS && bottom - top >= high; row += 1) {
          var from = top + (bottom - top - high) * row / ROWS;
          spans(rings, from, from + high).forEach(function (span) {
            var spare = span[1] - span[0] - wide;
            if (spare < 0) { return; }
            // The largest letters, then the fewest lines, then near the middle with room to spare.
            var off = Math.abs(from + high / 2 - (top + bottom) / 2);
            var score = size * 1e6 - lines.length * 1e4 + Math.min(spare, 40) - off;
            if (!best || score > best.score) {
              best = {
                score: score, size: size, lines: lines,
                x: (span[0] + span[1]) / 2, y: from + high / 2
              };
            }
          });
        }
      });
      return best && best.size >= size;
    });
  });
  return best;
}
function ink(text, at) {
  var chosen = data.layers[layer];
  var colours = wider.length ? ["#000000", "#ffffff"] : chosen.inks[chosen.painted[at]];
  // A broad line of the colour of the area keeps the name clear of hatching.
  var clear = !wider.length && chosen.entries[chosen.painted[at]].charAt(0) === "#" &&
    !chosen.marks.some(function (mark) { return mark.areas.indexOf(at) >= 0; });
  text.setAttribute("fill", colours[0]);
  text.setAttribute("stroke", colours[1]);
  text.setAttribute("stroke-width", clear ? 3 : 5);
}
function paintNames() {
  spots.forEach(function (spot) { ink(spot.text, spot.at); });
  group.parentNode.appendChild(group);
}
function placeNames() {
  var svg = document.querySelector("#map svg");
  group.textContent = "";
  spots = [];
  (svg.querySelector("g") || svg).appendChild(group);
  byId("fit").textContent = "";
  if (!byId("names").checked) { return; }
  named.forEach(function (polygons, at) {
    var points = polygons.map(function (rings) {
      return rings.map(function (ring) {
        return ring.map(function (corner) { return map.latLngToLayerPoint(corner); });
      });
    });
    var best = place(points, words[at]);
    if (!best) { return; }
    var text = document.createElementNS(SVG, "text"), step = best.size * 1.15;
    text.setAttribute("font-size", best.size);
    best.lines.forEach(function (line, index) {
      var part = document.createElementNS(SVG, "tspan");
      part.setAttribute("x", best.x.toFixed(1));
      part.setAttribute("y", (best.y + step * (index - (best.lines.length - 1) / 2) +
        best.size * 0.36).toFixed(1));
      part.textContent = line;
      text.appendChild(part);
    });
    group.appendChild(text);
    spots.push({ text: text, at: at });
  });
  if (spots.length < named.length) {
    byId("fit").textContent = fill(data.say.fit, { count: spots.length, total: named.length });
  }
  paintNames();
}
map.on("zoomend viewreset", placeNames);
byId("names").addEventListener("change", placeNames);
