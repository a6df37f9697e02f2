// Search by name, code or postcode; what was found is announced, and nothing is guessed.
var find = byId("find"), found = byId("found");
function fold(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/&/g, " and ").replace(/['\u2019]/g, "").replace(/[^a-z0-9]+/g, " ")
    .replace(/\bsaint\b/g, "st").trim().replace(/ ward$/, "");
}
var places = data.lineNames.map(function (name, at) { return { name: name, line: at }; });
places = names.map(function (name, at) {
  return { name: name, code: codes[at], area: at };
}).concat(places);
places.forEach(function (place) { place.folded = fold(place.name); });
// Suggestions: all names, or of thousands those that fit what is typed.
function suggest() {
  var wanted = fold(find.value), few = places.length <= 300, list = byId("areas");
  var fitting = few ? places : places.filter(function (place) {
    return wanted && place.folded.indexOf(wanted) >= 0;
  }).slice(0, 50);
  list.textContent = "";
  fitting.forEach(function (place) {
    list.appendChild(document.createElement("option")).value = place.name;
  });
  if (!few) { find.oninput = suggest; }
}
suggest();

function choose(place) {
  if (place.area === undefined) {
    mark(-1, place.line);
    show(-1);
  } else {
    mark(place.area, -1);
    hold(pinned);
    show(pinned);
    byId("said").textContent = label(pinned);
    if (!map.getBounds().contains(areas[pinned].getBounds())) {
      map.panInside(areas[pinned].getBounds().getCenter(), { padding: [60, 60], animate: false });
    }
  }
}
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, function (_, key) { return values[key]; });
}
// Which area a postcode is in: its number, -1 if that is not known, undefined if not listed.
function lookUp(postcode) {
  var sector = data.postcodes[postcode.slice(0, -2)], unit = postcode.slice(-2), area;
  (sector || []).forEach(function (part) {
    for (var i = 0; i < part[1].length; i += 2) {
      if (part[1].substr(i, 2) === unit) { area = part[0]; }
    }
  });
  return area;
}
function answer(text) {
  var whole = /^([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})$/i.exec(text);
  if (whole) {
    if (!data.postcodes) { return data.say.noPostcodes; }
    var postcode = (whole[1] + " " + whole[2]).toUpperCase(), at = lookUp(postcode);
    if (at === undefined) { return fill(data.say.notListed, { text: postcode }); }
    if (at < 0) { return fill(data.say.notKnown, { text: postcode }); }
    choose(places[at]);
    return fill(data.say.postcode, { text: postcode, name: names[at] });
  }
  var wanted = fold(text), of = function (test) { return places.filter(test); };
  var same = of(function (place) {
    return (wanted && place.folded === wanted) || (place.code || "").toLowerCase() === wanted;
  });
  var like = same.length ? same : of(function (place) {
    return wanted && place.folded.indexOf(wanted) >= 0;
  });
  if (like.length === 1) {
    choose(like[0]);
    return fill(data.say.found, { name: like[0].name });
  }
  if (like.length > 1) {
    var more = like.length > 6 ? ", \u2026" : "";
    return fill(same.length ? data.say.alike : data.say.several, {
      text: text, count: like.length,
      names: like.slice(0, 6).map(function (place) {
        return same.length && place.code ? place.name + " (" + place.code + ")" : place.name;
      }).join(", ") + more
    });
  }
  if (data.postcodes && /^[a-z]{1,2}\d[a-z\d]?(\s*\d[a-z]?)?$/i.test(text)) {
    return fill(data.say.partial, { text: text });
  }
  return fill(data.say.lost, { text: text });
}
byId("search").addEventListener("submit", function (event) {
  var text = find.value.trim();
  event.preventDefault();
  mark(-1, -1);
  show(-1);
  found.textContent = text ? answer(text) : data.say.empty;
  if (pinned < 0 && ringed < 0) { return; }
  // On a phone the keys of the screen would cover the figures.
  if (window.matchMedia && window.matchMedia("(pointer: coarse)").matches) { find.blur(); }
  byId("map").scrollIntoView({ block: "nearest" });
  if (pinned >= 0) { reveal("auto"); }
});
