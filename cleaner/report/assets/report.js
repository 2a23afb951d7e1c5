// Charts and filters of the report. Everything that it shows is in the page already; without it the tables and samples stay.
"use strict";
(() => {
  const STEP = 50;  // samples shown at once
  const byId = (id) => document.getElementById(id);
  document.documentElement.classList.add("js");

  // --- charts: drawn anew when the colour scheme changes
  const data = JSON.parse(byId("data").textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  let drawn = [];

  function draw() {
    drawn.forEach((chart) => chart.destroy());
    Chart.defaults.color = colour("quiet");
    Chart.defaults.borderColor = colour("line");
    Chart.defaults.animation = false;
    drawn = [bars("stages", ["per cent"], true), bars("cut", ["documents"]), bars("length", ["before", "after"]), bars("languages", ["documents"])];
  }

  function bars(id, names, lying = false) {
    const given = data[id];
    const values = [given.values, given.after];
    const datasets = names.map((label, n) => ({ label, data: values[n], backgroundColor: colour(n ? "after" : "bar") }));
    if (id === "stages") datasets[0].backgroundColor = given.labels.map((stage) => colour(stage) || colour("other"));
    const numbers = { beginAtZero: true, ticks: { precision: 0 } };
    return new Chart(byId("chart-" + id), {
      type: "bar",
      data: { labels: given.labels, datasets },
      options: {
        indexAxis: lying ? "y" : "x",
        maintainAspectRatio: false,
        plugins: { legend: { display: names.length > 1 } },
        scales: lying ? { x: numbers } : { x: { ticks: { autoSkip: false } }, y: numbers },
      },
    });
  }
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  // --- samples
  const form = byId("filters");
  const samples = [...document.querySelectorAll(".sample")].map((node) => ({ node, text: node.textContent.toLowerCase() }));
  let most = STEP;

  function fits({ node, text }, words, chosen, least, highest) {
    if (!words.every((word) => text.includes(word))) return false;
    if (!chosen.every(([field, value]) => value === "*" || "=" + node.dataset[field] === value)) return false;
    if (least === null && highest === null) return true;
    if (node.dataset.score === "") return false;
    const score = Number(node.dataset.score);
    return (least === null || score >= least) && (highest === null || score <= highest);
  }

  function filter() {
    const number = (id) => (byId(id).value === "" ? null : Number(byId(id).value));
    const words = byId("f-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = [...form.querySelectorAll("select")].map((s) => [s.dataset.field, s.value]);
    const [least, highest] = [number("f-least"), number("f-most")];
    let found = 0;
    for (const sample of samples) {
      const fit = fits(sample, words, chosen, least, highest);
      found += fit;
      sample.node.hidden = !fit || found > most;
    }
    const shown = Math.min(found, most);
    byId("count").textContent = `${found} of ${samples.length} samples` + (shown < found ? `, the first ${shown} shown` : "");
    byId("more").hidden = shown >= found;
  }

  function anew() {
    most = STEP;
    filter();
  }
  form.addEventListener("input", anew);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(anew));
  byId("more").addEventListener("click", () => {
    const next = samples.filter((s) => !s.node.hidden).length;
    most += STEP;
    filter();
    const first = samples.filter((s) => !s.node.hidden)[next];
    if (first) { first.node.tabIndex = -1; first.node.focus(); }
  });
  form.hidden = false;
  filter();
})();
