// The table: sorted by its headings, as cards where it does not fit, and as CSV.
var heads = Array.prototype.map.call(table.tHead.rows[0].cells, function (cell) {
  return cell.textContent;
});
function number(text) {
  var plain = text.replace(/,/g, "").replace("\u2212", "-"), value = parseFloat(plain);
  return /^-?[\d.]/.test(plain) ? value : NaN;
}
var order = { column: -1, down: false };
function sort(column, cell) {
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
  each(table.tHead.rows[0].cells, function (other) { other.removeAttribute("aria-sort"); });
  cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
}
each(table.tHead.rows[0].cells, function (cell, column) {
  var button = make("button", cell.textContent);
  button.type = "button";
  cell.textContent = "";
  cell.appendChild(button);
  button.addEventListener("click", function () { sort(column, cell); });
});

// Cards are no longer laid out as a table, so its parts are named for screen readers.
table.setAttribute("role", "table");
each([table.tHead, body], function (part) { part.setAttribute("role", "rowgroup"); });
each(table.rows, function (row) {
  row.setAttribute("role", "row");
  each(row.cells, function (cell, at) {
    var head = row.parentNode === table.tHead;
    cell.setAttribute("role", head ? "columnheader" : at ? "cell" : "rowheader");
    if (at === 1) { cell.setAttribute("data-head", heads[at]); }
  });
});
var box = byId("scroll"), by = byId("by"), sorting = byId("sorting");
function option(column) {
  var one = make("option", heads[column]);
  one.value = column;
  by.appendChild(one);
}
by.addEventListener("change", function () {
  order.column = -1;
  sort(Number(by.value), table.tHead.rows[0].cells[by.value]);
});
function arrange() {
  table.classList.remove("cards");
  var cards = box.scrollWidth > box.clientWidth + 1;
  table.classList.toggle("cards", cards);
  sorting.hidden = !cards;
  by.textContent = "";
  each(table.tHead.rows[0].cells, function (cell, column) {
    if (!cell.classList.contains("off")) { option(column); }
  });
  by.value = order.column < 0 ? 0 : order.column;
  // What scrolls can be reached by Tab.
  if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) {
    box.setAttribute("tabindex", "0");
  } else {
    box.removeAttribute("tabindex");
  }
}

byId("download").addEventListener("click", function () {
  function field(text) {
    var risky = /^[=+@\t\r]/.test(text) || (/^-/.test(text) && isNaN(Number(text)));
    var safe = (risky ? "'" + text : text).replace(/\u2212(?=\d)/, "-");
    return /[",\r\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  }
  var lines = [heads].concat(Array.prototype.map.call(body.rows, function (row) {
    return Array.prototype.map.call(row.cells, function (cell) {
      var numeric = cell.classList.contains("number");
      return numeric ? cell.textContent.replace(/,/g, "") : cell.textContent;
    });
  })).concat(data.foot.map(function (line) { return [line]; }));
  var text = lines.map(function (line) { return line.map(field).join(","); }).join("\r\n");
  var link = make("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff" + text + "\r\n"], { type: "text/csv" }));
  link.download = data.file + ".csv";
  link.click();
  URL.revokeObjectURL(link.href);
});
