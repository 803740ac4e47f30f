/* A freeze, seen by three ways of measuring. A reader draws it on the time line; the requests of one run are then worked
   out, all of them, without chance: a server that answers at once meets users who ask at even times. No library; without
   this script the page shows the picture it replaces. */
(() => {
  const root = document.querySelector('[data-explorable="freeze"]');
  if (!root) return;
  const RUN = 15, PAGE = 0.01, WORKERS = 10;                          // seconds, seconds, pages at once; chosen for the model
  const LEFT = 44, RIGHT = 700, TOP = 12, BOTTOM = 96;                // of a time line, in its own units
  const $ = (s, e = root) => e.querySelector(s);
  const all = (s, e = root) => [...e.querySelectorAll(s)];
  const inputs = all("input[type=range]"), val = {};
  const x = t => LEFT + (RIGHT - LEFT) * t / RUN;
  const time = s => s < 0.0995 ? `${Math.round(s * 1000)} ms` : `${s.toFixed(2)} s`;

  const server = () => {                                              // takes requests in the order in which they come
    const free = Array(WORKERS).fill(0), thaw = val.start + val.length;
    return sent => {
      const w = free.indexOf(Math.min(...free));
      let begin = Math.max(sent, free[w]);
      if (begin >= val.start && begin < thaw) begin = thaw;
      free[w] = begin + PAGE + (begin < val.start && begin + PAGE > val.start ? val.length : 0);
      return free[w];
    };
  };
  // Each user's first request, spread evenly over one interval
  const firsts = () => Array.from({ length: val.users }, (_, u) => (u + 0.5) / (val.users * val.rate));
  const earliest = users => users.reduce((a, b) => (b.next < a.next ? b : a));

  // Users who wait for an answer and then for their next turn, but never make up for turns that they missed
  const sent = () => {
    const ask = server(), users = firsts().map(next => ({ next })), seen = { done: [], open: 0 };
    for (let u; (u = earliest(users)).next < RUN;) {
      const answer = ask(u.next);
      if (answer > RUN) seen.open++; else seen.done.push([u.next, answer - u.next]);
      u.next = Math.max(answer, u.next + 1 / val.rate);
    }
    return seen;
  };
  // The same users, who keep to their turns: a missed one is asked as soon as it can be, and counts from its time
  const paced = () => {
    const ask = server(), users = firsts().map(due => ({ due, next: due })), seen = { done: [], open: 0 };
    for (let u; (u = earliest(users)).next < RUN;) {
      const answer = ask(u.next);
      if (answer > RUN) seen.open++;
      seen.done.push([u.due, Math.min(answer, RUN) - u.due]);
      u.due += 1 / val.rate; u.next = Math.max(answer, u.due);
    }
    for (const u of users) for (; u.due < RUN - 1e-9; u.due += 1 / val.rate) { seen.open++; seen.done.push([u.due, RUN - u.due]); }
    return seen;
  };
  // Requests that come when they are due, whoever is still waiting
  const open = () => {
    const ask = server(), seen = { done: [], open: 0 }, due = [];
    for (let turn = 0; turn * (1 / val.rate) < RUN; turn++) for (const first of firsts()) due.push(first + turn / val.rate);
    for (const t of due.filter(t => t < RUN - 1e-9).sort((a, b) => a - b)) {
      const answer = ask(t);
      if (answer > RUN) seen.open++;
      seen.done.push([t, Math.min(answer, RUN) - t]);
    }
    return seen;
  };

  const ways = { sent, paced, open };
  const show = () => {
    const told = {}, high = Math.max(0.5, val.length * 1.08);
    const y = s => BOTTOM - (BOTTOM - TOP) * Math.min(s, high) / high;
    for (const [name, way] of Object.entries(ways)) {
      const { done, open } = way(), lane = $(`[data-way=${name}]`), times = done.map(d => d[1]).sort((a, b) => a - b);
      const at = share => times.length ? times[Math.ceil(share * times.length) - 1] : 0;
      told[name] = { n: done.length, open, p95: at(0.95) };
      const marks = new Set(done.map(([t, s]) => `M${Math.round(x(t))} ${Math.round(y(s))}h0`));
      $(".dots", lane).setAttribute("d", [...marks].join(""));
      const wide = Math.max(0, Math.min(x(val.start + val.length), RIGHT) - x(val.start));
      for (const s of [".frozen", ".hatch"]) { $(s, lane).setAttribute("x", x(val.start).toFixed(1)); $(s, lane).setAttribute("width", wide.toFixed(1)); }
      $(".p95", lane).setAttribute("d", `M${LEFT} ${y(at(0.95)).toFixed(1)}H${RIGHT}`);
      $(".p95-name", lane).setAttribute("y", (Math.max(y(at(0.95)), TOP + 8) - 4).toFixed(1));
      $(".top", lane).textContent = `${high.toFixed(1)} s`;
      const out = { n: done.length, p50: time(at(0.5)), p95: time(at(0.95)), p99: time(at(0.99)), open: name === "sent" ? `${open}, not told` : open };
      for (const [key, value] of Object.entries(out)) $(`[data-out=${key}]`, lane).textContent = value;
    }
    const due = told.open.n, end = Math.min(val.start + val.length, RUN), share = Math.round(100 * (end - val.start) / RUN);
    $(".say").textContent = val.length
      ? `The server stands still from ${val.start.toFixed(1)} s to ${end.toFixed(1)} s, ${share} % of the run. ${due} requests are due. `
        + `Users who wait send ${told.sent.n + told.sent.open} of them, and their p95 is ${time(told.sent.p95)}. `
        + `Counted from when each was due, p95 is ${time(told.paced.p95)} for users who keep to their turns, and ${time(told.open.p95)} where nobody waits.`
      : `The server never stands still. ${due} requests are due, and all three ways say the same.`;
  };
  const read = () => {
    inputs.forEach(i => { val[i.name] = +i.value; i.nextElementSibling.textContent = (i.dataset.digits ? (+i.value).toFixed(+i.dataset.digits) : i.value) + (i.dataset.unit || ""); });
    show();
  };
  const set = values => { inputs.forEach(i => { if (i.name in values) i.value = values[i.name]; }); read(); };

  // Drawing: press where the freeze begins, let go where it ends
  let from = null;
  const where = (e, svg) => { const b = svg.getBoundingClientRect(); return Math.min(RUN, Math.max(0, ((e.clientX - b.left) * 720 / b.width - LEFT) * RUN / (RIGHT - LEFT))); };
  const draw = (a, b) => set({ start: Math.min(a, b), length: Math.abs(b - a) });
  all(".lane svg").forEach(svg => {
    svg.addEventListener("pointerdown", e => { from = where(e, svg); svg.setPointerCapture(e.pointerId); e.preventDefault(); });
    svg.addEventListener("pointermove", e => { if (from !== null) draw(from, where(e, svg)); });
    svg.addEventListener("pointerup", () => { from = null; });
    svg.addEventListener("pointercancel", () => { from = null; });
    svg.setAttribute("aria-label", "Time to answer of every request of the run. The numbers below say the same.");
  });
  all(".preset").forEach(b => b.addEventListener("click", () => set(JSON.parse(b.dataset.set))));
  $(".reset").addEventListener("click", () => set(Object.fromEntries(inputs.map(i => [i.name, i.defaultValue]))));
  inputs.forEach(i => i.addEventListener("input", read));
  read();
})();
