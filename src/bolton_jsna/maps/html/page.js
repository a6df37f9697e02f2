(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("map-data").textContent);
  var byId = function (id) { return document.getElementById(id); };
  var table = byId("figures"), panel = byId("panel"), body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var heads = Array.prototype.map.call(table.tHead.rows[0].cells, function (cell) { return cell.textContent; });
  var calm = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function unpack(ring) {
    var x = 0, y = 0, corners = [];
    for (var i = 0; i < ring.length; i += 2) {
      x += ring[i]; y += ring[i + 1];
      corners.push([y / 1e5, x / 1e5]);
    }
    return corners;
  }
  var shapes = data.shapes.map(function (polygons) {
    return polygons.map(function (rings) { return rings.map(unpack); });
  });
  var borders = [];
  shapes.forEach(function (polygons) {
    polygons.forEach(function (rings) {
      rings.forEach(function (ring) { borders.push(ring.concat([ring[0]])); });
    });
  });

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
    if (size.x < 20 || size.y < 20) { map.setView(whole.getCenter(), 10, { animate: false }); return; }
    map.fitBounds(whole, { padding: [pad, pad], animate: false });
  }
  fit();
  map.on("dragstart", function () { moved = true; });
  Array.prototype.forEach.call(document.querySelectorAll(".leaflet-control-zoom a"), function (link) {
    link.addEventListener("click", function () { moved = true; });
    link.addEventListener("keydown", function (event) {
      if (event.key === " ") { event.preventDefault(); link.click(); }
    });
  });
  if (window.ResizeObserver) {
    new ResizeObserver(function () { map.invalidateSize({ animate: false }); if (!moved) { fit(); } }).observe(byId("map"));
  }
  L.control.scale({ imperial: false }).addTo(map);

  var areas = shapes.map(function (shape) {
    return L.polygon(shape, { stroke: false, fill: true, fillOpacity: data.tiles ? 0.8 : 1, smoothFactor: 0, className: "area" }).addTo(map);
  });
  var plain = { fill: false, interactive: false, smoothFactor: 0, lineJoin: "round" };
  function drawn(shape, colour, weight) {
    return L.polyline(shape, Object.assign({}, plain, { color: colour, weight: weight, opacity: 1 })).addTo(map);
  }
  var fine = areas.length > 60;
  var edges = [drawn(borders, "#ffffff", fine ? 1 : 2.2), drawn(borders, "#3d3d3d", fine ? 0.4 : 0.7)];
  var marks = [], rim = [drawn([], "#ffffff", 7), drawn([], "#000000", 3)];

  var layer = 0, pinned = -1, shown = -1;
  function outline(at) {
    var lines = [];
    if (at >= 0) {
      shapes[at].forEach(function (rings) {
        rings.forEach(function (ring) { lines.push(ring.concat([ring[0]])); });
      });
    }
    rim.forEach(function (line) { line.setLatLngs(lines); });
  }
  function make(tag, text, name) {
    var element = document.createElement(tag);
    if (text !== undefined) { element.textContent = text; }
    if (name) { element.className = name; }
    return element;
  }
  function show(at) {
    if (at === shown) { return; }
    shown = at;
    outline(at);
    rows.forEach(function (row, index) { row.classList.toggle("here", index === at); });
    panel.textContent = "";
    panel.classList.toggle("filled", at >= 0);
    if (at < 0) {
      panel.appendChild(make("p", data.hint, "hint"));
      return;
    }
    panel.appendChild(make("h2", rows[at].cells[0].textContent));
    var list = make("dl");
    data.layers[layer].columns.forEach(function (column) {
      list.appendChild(make("dt", column[1]));
      list.appendChild(make("dd", rows[at].cells[column[0]].textContent));
    });
    panel.appendChild(list);
    [data.layers[layer].made, data.layers[layer].source].forEach(function (line) {
      if (line) { panel.appendChild(make("p", line, "small")); }
    });
  }
  function press() {
    areas.forEach(function (area, at) { area.getElement().setAttribute("aria-pressed", at === pinned ? "true" : "false"); });
  }
  function pin(at) {
    pinned = at === pinned ? -1 : at;
    press();
    show(at);
  }
  function name(at) {
    return rows[at].cells[0].textContent + ": " + data.layers[layer].columns.map(function (column) {
      return column[1] + " " + rows[at].cells[column[0]].textContent;
    }).join(", ");
  }
  var every = areas.length <= 40;
  function go(at) {
    var element = areas[at].getElement();
    if (!every) {
      areas.forEach(function (area, index) { area.getElement().setAttribute("tabindex", index === at ? "0" : "-1"); });
    }
    element.focus({ preventScroll: true });
  }
  areas.forEach(function (area, at) {
    var element = area.getElement();
    element.setAttribute("tabindex", every || at === 0 ? "0" : "-1");
    element.setAttribute("role", "button");
    element.setAttribute("data-code", data.codes[at]);
    area.on("mouseover", function () { show(at); });
    area.on("mouseout", function () { show(pinned); });
    area.on("click", function () { pin(at); });
    element.addEventListener("focus", function () {
      if (!map.getBounds().contains(area.getBounds())) { map.panInside(area.getBounds().getCenter(), { padding: [60, 60], animate: false }); }
      show(at);
    });
    element.addEventListener("blur", function () { show(pinned); });
    element.addEventListener("keydown", function (event) {
      var last = areas.length - 1, next = {
        ArrowRight: at === last ? 0 : at + 1, ArrowDown: at === last ? 0 : at + 1,
        ArrowLeft: at === 0 ? last : at - 1, ArrowUp: at === 0 ? last : at - 1, Home: 0, End: last
      }[event.key];
      if (next !== undefined) { event.preventDefault(); go(next); }
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pin(at); }
      if (event.key === "Escape") { pinned = -1; press(); show(-1); }
    });
  });

  function paint(index) {
    layer = index;
    var chosen = data.layers[index];
    areas.forEach(function (area, at) {
      var entry = chosen.entries[chosen.painted[at]];
      area.setStyle({ fillColor: entry });
      area.getElement().setAttribute("aria-label", name(at));
    });
    marks.forEach(function (mark) { mark.remove(); });
    marks = chosen.marks.map(function (mark) {
      return L.polygon(mark.areas.map(function (at) { return shapes[at]; }).reduce(function (all, polygons) { return all.concat(polygons); }, []), {
        stroke: false, fill: true, fillColor: mark.fill, fillOpacity: 1, interactive: false, smoothFactor: 0, className: "mark"
      }).addTo(map);
    });
    edges.concat(rim).forEach(function (line) { line.bringToFront(); });
    var visible = chosen.columns.map(function (column) { return column[0]; });
    Array.prototype.forEach.call(table.rows, function (row) {
      Array.prototype.forEach.call(row.cells, function (cell, at) { cell.classList.toggle("off", at > 1 && visible.indexOf(at) < 0); });
    });
    data.layers.forEach(function (other, at) { byId("legend-" + at).hidden = at !== index; });
    var here = shown;
    shown = -2;
    show(here);
  }
  paint(0);
  press();
  Array.prototype.forEach.call(document.querySelectorAll("input[name=layer]"), function (button, index) {
    button.addEventListener("change", function () { if (button.checked) { paint(index); } });
    if (button.checked) { paint(index); }
  });

  // A printed page is narrower than the screen: it shows the whole map as an image that scales.
  window.addEventListener("beforeprint", function () {
    var at = map.getCenter(), zoom = map.getZoom(), paper = byId("print");
    map.invalidateSize({ animate: false });
    fit();
    var low = map.latLngToLayerPoint(whole.getSouthWest()), high = map.latLngToLayerPoint(whole.getNorthEast());
    var copy = document.querySelector("#map svg").cloneNode(true), bar = document.querySelector(".leaflet-control-scale-line");
    Array.prototype.forEach.call(copy.querySelectorAll("path"), function (path) {
      ["tabindex", "role", "aria-label", "aria-pressed", "class", "data-code"].forEach(function (name) { path.removeAttribute(name); });
    });
    ["width", "height", "style", "class"].forEach(function (name) { copy.removeAttribute(name); });
    copy.setAttribute("viewBox", [low.x - 4, high.y - 4, high.x - low.x + 8, low.y - high.y + 34].join(" "));
    var draw = function (tag, values) {
      var element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      Object.keys(values).forEach(function (name) { element.setAttribute(name, values[name]); });
      return copy.appendChild(element);
    };
    draw("path", { d: "M" + low.x + " " + (low.y + 10) + "v8h" + bar.offsetWidth + "v-8", fill: "none", stroke: "#1d1d1d" });
    draw("text", { x: low.x + bar.offsetWidth + 6, y: low.y + 20, "font-size": 14 }).textContent = bar.textContent;
    paper.textContent = "";
    paper.appendChild(copy);
    if (moved) { map.setView(at, zoom, { animate: false }); }
  });

  var find = byId("find"), found = byId("found");
  function look() {
    var wanted = find.value.trim().toLowerCase(), names = rows.map(function (row) { return row.cells[0].textContent.toLowerCase(); });
    if (!wanted) { found.textContent = ""; return; }
    var at = names.indexOf(wanted);
    if (at < 0) { names.some(function (each, index) { if (each.indexOf(wanted) >= 0) { at = index; return true; } return false; }); }
    found.textContent = at < 0 ? data.lost : "";
    if (at >= 0) { pinned = at; press(); go(at); show(at); }
  }
  byId("tools").addEventListener("submit", function (event) { event.preventDefault(); look(); });
  find.addEventListener("change", look);

  function number(text) {
    var plain = text.replace(/,/g, "").replace("\u2212", "-"), value = parseFloat(plain);
    return /^-?[\d.]/.test(plain) ? value : NaN;
  }
  var order = { column: -1, down: false };
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell, column) {
    var text = cell.textContent, button = make("button", text);
    button.type = "button";
    cell.textContent = "";
    cell.appendChild(button);
    button.addEventListener("click", function () {
      order = { column: column, down: order.column === column && !order.down };
      var numeric = cell.classList.contains("number"), sign = order.down ? -1 : 1;
      rows.slice().sort(function (one, other) {
        var a = one.cells[column].textContent, b = other.cells[column].textContent;
        if (numeric) {
          var x = number(a), y = number(b);
          if (isNaN(x) || isNaN(y)) { return (isNaN(x) ? 1 : 0) - (isNaN(y) ? 1 : 0); }
          return sign * (x - y);
        }
        return sign * a.localeCompare(b, "en-GB", { numeric: true });
      }).forEach(function (row) { body.appendChild(row); });
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute("aria-sort"); });
      cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    });
  });

  byId("download").addEventListener("click", function () {
    function field(text) {
      var safe = /^[=+@\t\r]/.test(text) || (/^-/.test(text) && isNaN(Number(text))) ? "'" + text : text;
      safe = safe.replace(/\u2212(?=\d)/, "-");
      return /[",\r\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
    }
    var lines = [heads].concat(Array.prototype.map.call(body.rows, function (row) {
      return Array.prototype.map.call(row.cells, function (cell) {
        return cell.classList.contains("number") ? cell.textContent.replace(/,/g, "") : cell.textContent;
      });
    }));
    var text = "\ufeff" + lines.concat(data.foot.map(function (line) { return [line]; })).map(function (line) { return line.map(field).join(","); }).join("\r\n") + "\r\n";
    var link = make("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = data.file + ".csv";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}());
