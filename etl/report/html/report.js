"use strict";
(() => {
  const SLICE = 100; // rows made at a time: what is out of sight costs nothing
  const LONG = 600, EDGE = 120; // characters shown of a long text, and around what changed in it
  const COLUMNS = ["change", "record", "table", "floor", "category", "fields"];
  const NAMED = 4; // fields named in a row
  const WHOLE = new Set(["created", "added", "gone"]); // all their fields are new, or gone

  const byId = (id) => document.getElementById(id);
  const source = byId("data");
  if (!source) return; // no record differs
  const records = JSON.parse(source.textContent);
  const panel = source.dataset.panel; // of the CMS, up to `/collections/`
  const collator = new Intl.Collator("en", { numeric: true });
  const state = { tags: new Set(), table: "", words: [], column: "", descending: false, allOpen: false };
  const opened = new Map(); // record to true or false, where someone chose
  let found = records, made = 0;

  /** Make an element; children that are texts stay texts. */
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(key, value);
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  const words = (name) => name.replaceAll("_", " ");
  const fold = (text) => text.normalize("NFC").toLowerCase();
  const plain = (pieces) => (pieces || []).map((piece) => (typeof piece === "string" ? piece : piece[1])).join("");

  records.forEach((record, place) => {
    record.place = place;
    record.where = record.table + (record.row === null ? "" : ` ${record.row}`);
    record.url = panel && record.row !== null ? `${panel}${record.table}/${record.row}` : null;
    record.text = null;
  });

  /** Everything of a record that a search looks in; made at the first search. */
  function textOf(record) {
    if (record.text === null) {
      const values = record.fields.flatMap((field) => [field.name, ...field.sides.map((side) => plain(side.pieces))]);
      const parts = [record.id, record.title, record.where, record.floor, record.category, ...record.tags, ...record.tags.map(words)];
      record.text = fold([...parts, ...record.remarks, ...values].join("\n"));
    }
    return record.text;
  }

  function isFound(record) {
    return (state.tags.size === 0 || record.tags.some((tag) => state.tags.has(tag)))
      && (state.table === "" || record.table === state.table)
      && state.words.every((word) => textOf(record).includes(word));
  }

  const KEYS = {
    record: (record) => record.title || record.id,
    table: (record) => record.where,
    floor: (record) => record.floor,
    category: (record) => record.category,
  };

  function compare(one, other) {
    if (state.column === "change") return order.indexOf(one.action) - order.indexOf(other.action);
    if (state.column === "fields") return one.fields.length - other.fields.length;
    const a = KEYS[state.column](one), b = KEYS[state.column](other);
    return a && b ? collator.compare(a, b) : 0;
  }

  /** Records without a value come last in either direction. */
  function sorted(list) {
    const key = KEYS[state.column];
    const sign = state.descending ? -1 : 1;
    const empty = (record) => (key && !key(record) ? 1 : 0);
    return list.slice().sort((one, other) =>
      empty(one) - empty(other) || sign * compare(one, other) || one.place - other.place);
  }

  function refresh() {
    found = records.filter(isFound);
    if (state.column) found = sorted(found);
    made = 0;
    byId("rows").replaceChildren();
    showMore();
  }

  function showMore(count = SLICE) {
    const rows = document.createDocumentFragment();
    for (const record of found.slice(made, made + count)) rows.append(...rowsOf(record));
    made = Math.min(found.length, made + count);
    byId("rows").append(rows);
    tellShown();
  }

  function tellShown() {
    const all = found.length === records.length ? "" : ` of ${records.length.toLocaleString("en")}`;
    const first = made < found.length ? `, the first ${made.toLocaleString("en")} listed` : "";
    byId("shown").textContent = found.length
      ? `${found.length.toLocaleString("en")}${all} ${records.length === 1 ? "record" : "records"}${first}`
      : "No record fits. Take a filter away, or search for less.";
    const left = Math.min(SLICE, found.length - made);
    byId("more").replaceChildren(...(left ? [make("button", { type: "button" }, `Show ${left} more`)] : []));
  }

  const isOpen = (record) => opened.get(record) ?? state.allOpen;

  function rowsOf(record) {
    const row = make("tr", { role: "row", class: `record${isOpen(record) ? " is-open" : ""}`, "data-place": record.place });
    row.append(...COLUMNS.map((column) => make("td", { role: "cell", class: column }, CELLS[column](record))));
    return isOpen(record) ? [row, detailOf(record)] : [row];
  }

  const text = (value) => document.createTextNode(value);
  const link = (record) => make("a", { href: record.url, target: "_blank", rel: "noopener noreferrer" }, record.where);
  const isolated = (value) => make("bdi", {}, value);

  const CELLS = {
    change(record) {
      const marks = record.tags.filter((tag) => tag !== record.action);
      const badge = make("span", { class: `badge ${record.action}` }, record.action);
      if (!marks.length) return badge;
      const shown = marks.flatMap((mark) => [make("span", { class: `mark ${mark}` }, words(mark)), text(" ")]);
      return make("div", {}, badge, text(" "), make("span", { class: "marks" }, ...shown));
    },
    record(record) {
      const toggle = { type: "button", class: "toggle", "aria-expanded": isOpen(record), "aria-controls": `detail-${record.place}` };
      return make("div", {}, make("button", toggle, isolated(record.title || "(no name)")), make("span", { class: "id" }, isolated(record.id || "(no id)")));
    },
    table: (record) => (record.url ? link(record) : text(record.where)),
    floor: (record) => isolated(record.floor),
    category: (record) => isolated(record.category),
    fields(record) {
      if (!record.fields.length) return isolated(record.remarks.join(" "));
      if (WHOLE.has(record.action)) return text(record.fields.length === 1 ? "1 field" : `${record.fields.length} fields`);
      const names = record.fields.map((field) => field.name);
      const more = names.length - NAMED;
      return text(names.slice(0, NAMED).join(", ") + (more > 0 ? ` +${more}` : ""));
    },
  };

  function detailOf(record) {
    const cell = make("td", { role: "cell", colspan: COLUMNS.length });
    cell.append(...record.remarks.map((remark) => make("p", { class: "remark" }, isolated(remark))), ...record.fields.map(fieldOf));
    if (!record.remarks.length && !record.fields.length) cell.append(make("p", { class: "remark" }, "No field of it changes."));
    return make("tr", { role: "row", class: "detail", id: `detail-${record.place}` }, cell);
  }

  function fieldOf(field) {
    const name = make("div", { class: "name" }, field.name, make("span", { class: "why" }, field.why));
    return make("div", { class: "field" }, name, make("div", { class: "sides" }, ...field.sides.map(sideOf)));
  }

  function sideOf(side) {
    const label = make("span", { class: "label" }, side.label);
    if (side.becomes) label.append(" ", make("span", { class: "becomes" }, `← ${side.becomes}`));
    const value = make("p", { dir: "auto" }, ...valueOf(side.pieces));
    if (!plain(side.pieces)) value.className = "nothing";
    return make("div", { class: "side" }, label, value);
  }

  function valueOf(pieces) {
    if (pieces === null) return ["nothing"];
    if (!plain(pieces)) return ["(none)"];
    const only = pieces.length === 1;
    return pieces.flatMap((piece, place) => {
      if (typeof piece === "string") {
        const head = only ? LONG : place === 0 ? 0 : EDGE;
        return shortened(piece, head, only || place === pieces.length - 1 ? 0 : EDGE);
      }
      const [change, words] = piece;
      const shown = words.replaceAll("\n", "⏎\n"); // or a changed line break could not be seen
      return [make(change === 1 ? "del" : "ins", {}, ...shortened(shown, LONG * 2, 0))];
    });
  }

  /** The start and the end of a long text, with a button between them that gives the rest. */
  function shortened(value, head, tail) {
    const start = boundary(value, head), end = boundary(value, value.length - tail);
    const hidden = value.slice(start, end);
    if (hidden.length < EDGE) return [text(value)];
    const label = `… ${hidden.length.toLocaleString("en")} more characters`;
    const gap = make("button", { type: "button", class: "gap" }, label);
    gap.addEventListener("click", () => gap.replaceWith(text(hidden)));
    return [text(value.slice(0, start)), gap, text(value.slice(end))];
  }

  /** The place at or before one at which a text can be cut without taking a letter apart. */
  function boundary(value, place) {
    let at = Math.max(0, Math.min(place, value.length));
    for (let steps = 0; steps < 20 && at > 0 && at < value.length && /[\p{M}\u200d\udc00-\udfff]/u.test(value[at]); steps += 1) at -= 1;
    return at;
  }

  function toggle(record, row) {
    const open = !isOpen(record);
    opened.set(record, open);
    row.classList.toggle("is-open", open);
    row.querySelector(".toggle").setAttribute("aria-expanded", open);
    if (open) row.after(detailOf(record));
    else row.nextElementSibling.remove();
  }

  byId("rows").addEventListener("click", (event) => {
    const row = event.target.closest("tr.record");
    if (row && !event.target.closest("a") && !String(getSelection())) toggle(records[Number(row.dataset.place)], row);
  });

  byId("more").addEventListener("click", () => showMore());

  byId("open").addEventListener("click", (event) => {
    state.allOpen = !state.allOpen;
    opened.clear();
    event.currentTarget.setAttribute("aria-pressed", state.allOpen);
    event.currentTarget.textContent = state.allOpen ? "Close all" : "Open all";
    refresh();
  });

  byId("search").addEventListener("input", (event) => {
    state.words = fold(event.currentTarget.value).split(/\s+/).filter(Boolean);
    refresh();
  });

  byId("table").addEventListener("change", (event) => {
    state.table = event.currentTarget.value;
    refresh();
  });

  document.querySelector(".records thead").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const column = button.dataset.sort;
    state.descending = state.column === column && !state.descending;
    state.column = column;
    for (const head of document.querySelectorAll(".records th")) {
      const isSorted = head.classList.contains(column);
      head.setAttribute("aria-sort", isSorted ? (state.descending ? "descending" : "ascending") : "none");
    }
    refresh();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select")) {
      event.preventDefault();
      byId("search").focus();
    }
  });

  // paper has no button to press: print every record that the filters leave
  addEventListener("beforeprint", () => showMore(found.length));

  const order = byId("tags").dataset.order.split(" ");

  function makeTags() {
    const counts = new Map();
    for (const tag of records.flatMap((record) => record.tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    for (const tag of order.filter((name) => counts.has(name))) {
      const count = make("span", {}, counts.get(tag).toLocaleString("en"));
      const button = make("button", { type: "button", class: tag, "aria-pressed": "false" }, `${words(tag)} `, count);
      button.addEventListener("click", () => {
        if (!state.tags.delete(tag)) state.tags.add(tag);
        button.setAttribute("aria-pressed", state.tags.has(tag));
        refresh();
      });
      byId("tags").append(button);
    }
  }

  makeTags();
  refresh();
  byId("records").hidden = false;
})();
