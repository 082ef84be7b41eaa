"use strict";
(() => {
  const top = document.body.dataset.top;

  for (const button of document.querySelectorAll("[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    source.textContent = source.textContent.replaceAll("THIS-PAGE", new URL(".", location.href).href);
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  const go = document.querySelector("[data-go]");
  if (go) location.replace(go.href);

  const form = document.getElementById("search");
  if (!form) return;
  form.hidden = false;
  const facets = ["category", "tag", "client", "status", "evidence"];
  const found = document.getElementById("found");
  const count = document.getElementById("count");
  const shown = 60;
  let rows = null;
  let loading = null;

  function values(row) {
    return { category: row.category ? [row.category] : [], tag: row.tags, client: row.clients, status: [row.status], evidence: [row.evidence || "none"] };
  }

  function fill() {
    for (const name of facets) {
      const counts = new Map();
      for (const row of rows) for (const value of row.values[name]) counts.set(value, (counts.get(value) || 0) + 1);
      const order = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 200);
      const wanted = new URLSearchParams(location.search).get(name);
      if (wanted && counts.has(wanted) && !order.some(([value]) => value === wanted)) order.push([wanted, counts.get(wanted)]);
      form.elements[name].parentElement.hidden = order.length === 0;
      for (const [value, number] of order) form.elements[name].append(new Option(`${value} (${number})`, value));
    }
  }

  function load() {
    loading ||= fetch(`${top}search.json`).then((answer) => answer.json()).then((data) => {
      rows = data.skills.map(([id, description, tags, status, clients, evidence, dependents, odd]) => {
        const usual = [`skills/${id}/`, id.slice(id.lastIndexOf("/") + 1), id.slice(0, Math.max(0, id.indexOf("/")))];
        const [address, name, category] = odd || usual;
        const row = { id, description, tags, status, clients, evidence, dependents, address, name, category };
        row.values = values(row);
        row.text = `${id} ${name} ${tags.join(" ")} ${description}`.toLowerCase();
        return row;
      });
      fill();
    });
    return loading;
  }

  function score(row, words) {
    let sum = row.dependents > 0 ? 2 : 1;
    for (const word of words) {
      if (row.name === word) sum += 100;
      else if (row.name.startsWith(word)) sum += 30;
      else if (row.name.includes(word)) sum += 20;
      else if (row.tags.some((tag) => tag.toLowerCase().includes(word))) sum += 10;
      else if (row.text.includes(word)) sum += 3;
      else return 0;
    }
    return row.status === "active" ? sum + 1 : sum / 2;
  }

  function item(row) {
    const made = document.createElement("li");
    made.className = "card";
    const link = made.appendChild(document.createElement("a"));
    link.href = `${top}${row.address}index.html`;
    link.textContent = row.name;
    for (const [text, kind] of [[row.status === "active" ? "" : row.status, "warn"], [row.evidence, "good"]]) {
      if (!text) continue;
      const chip = made.appendChild(document.createElement("span"));
      chip.className = `chip ${kind}`;
      chip.textContent = text;
    }
    made.appendChild(document.createElement("p")).textContent = row.description;
    const small = made.appendChild(document.createElement("p"));
    small.className = "small";
    small.textContent = [row.category, row.dependents ? `required by ${row.dependents}` : ""].filter(Boolean).join(" · ");
    return made;
  }

  function show() {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = facets.filter((name) => form.elements[name].value);
    const active = words.length > 0 || chosen.length > 0;
    document.getElementById("results").hidden = !active;
    document.getElementById("browse").hidden = active;
    if (!active) return;
    const hits = [];
    for (const row of rows) {
      if (!chosen.every((name) => row.values[name].includes(form.elements[name].value))) continue;
      const points = score(row, words);
      if (points > 0) hits.push([points, row]);
    }
    hits.sort((a, b) => b[0] - a[0] || (a[1].id < b[1].id ? -1 : 1));
    count.textContent = hits.length === 1 ? "1 skill" : `${hits.length} skills${hits.length > shown ? `, the best ${shown} of them` : ""}`;
    found.replaceChildren(...hits.slice(0, shown).map((hit) => item(hit[1])));
  }

  function remember() {
    const query = new URLSearchParams();
    for (const name of ["q", ...facets]) if (form.elements[name].value) query.set(name, form.elements[name].value);
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  }

  async function restore() {
    const query = new URLSearchParams(location.search);
    if (!["q", ...facets].some((name) => query.get(name))) return;
    await load();
    for (const name of ["q", ...facets]) form.elements[name].value = query.get(name) || "";
    show();
  }

  form.addEventListener("focusin", load, { once: true });
  form.addEventListener("input", async () => { await load(); remember(); show(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      form.elements.q.focus();
    }
  });
  restore();
})();
