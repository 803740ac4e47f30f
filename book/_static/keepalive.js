/* Keep-Alive, seen from the workers. The same readers, with the same pauses, meet two prefork servers: one keeps
   connections open, one closes them. No library; without this script the page shows the picture it replaces.
   Time is simulated: `step` knows nothing of frames, so a reader who wants no motion can step by hand. */
(() => {
  const root = document.querySelector('[data-explorable="keepalive"]');
  if (!root) return;
  const PAGE = 0.25, HANDSHAKE = 0.06, SPEED = 2, WARM = 60;         // seconds; chosen for the model
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const $ = (s, e = root) => e.querySelector(s);
  const inputs = [...root.querySelectorAll("input[type=range]")];
  const val = {};
  const random = seed => () => {                                      // mulberry32: both servers draw the same pauses
    let t = (seed += 0x6d2b79f5);
    t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const el = (name, at, parent) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const k in at) e.setAttribute(k, at[k]);
    return parent.appendChild(e);
  };

  class Server {
    constructor(panel, keep) {
      Object.assign(this, { panel, keep, t: 0, queue: [], done: [], past: [] });
      this.readers = Array.from({ length: val.readers }, (_, i) => ({ i, state: "think", next: random(i * 7919 + 1), worker: null }));
      this.readers.forEach(r => { r.until = r.next() * val.think; });
      this.workers = Array.from({ length: val.workers }, (_, i) => ({ i, state: "free", reader: null, until: 0 }));
      this.draw();
    }
    serve(w, r, cost) { Object.assign(w, { state: "busy", reader: r, until: this.t + cost }); r.state = "served"; r.worker = w; }
    step(dt) {
      const t = (this.t += dt);
      for (const r of this.readers) if (r.state === "think" && t >= r.until) {
        r.since = t;
        if (r.worker) this.serve(r.worker, r, PAGE); else { r.state = "wait"; this.queue.push(r); }
      }
      for (const w of this.workers) if (w.state !== "free" && t >= w.until) {
        const r = w.reader;
        if (w.state === "busy") {
          r.state = "think"; r.until = t - val.think * Math.log(1 - r.next()); this.done.push([t, t - r.since]);
          if (this.keep) { w.state = "held"; w.until = t + val.timeout; continue; }
        }
        w.state = "free"; w.reader = r.worker = null;
      }
      for (const w of this.workers) if (w.state === "free" && this.queue.length) this.serve(w, this.queue.shift(), PAGE + HANDSHAKE);
      if (Math.floor(t) > Math.floor(t - dt)) { this.past.push(this.queue.length); if (this.past.length > 60) this.past.shift(); }
      while (this.done.length && this.done[0][0] < t - 20) this.done.shift();
    }
    draw() {                                                          // shapes are made once and moved afterwards
      const svg = $("svg", this.panel), g = $("g.live", svg);
      g.textContent = "";
      const lines = el("g", {}, g);
      for (const w of this.workers) {
        w.x = 258 + 36 * (w.i % 3); w.y = 34 + 24 * Math.floor(w.i / 3);
        w.box = el("rect", { x: w.x, y: w.y, width: 31, height: 18 }, g);
        w.left = el("rect", { class: "left", x: w.x, y: w.y + 14, width: 0, height: 4 }, g);
      }
      for (const r of this.readers) {
        r.home = [15 + 13 * (r.i % 9), 42 + 16 * Math.floor(r.i / 9)]; r.at = [...r.home];
        r.line = el("path", { class: "line" }, lines); r.dot = el("circle", { r: 4.5 }, g);
      }
    }
    paint(ease) {
      this.queue.forEach((r, i) => { r.to = [240 - 13 * (i % 8), 42 + 16 * Math.floor(i / 8)]; });
      for (const r of this.readers) {
        const w = r.worker, to = r.state === "wait" ? r.to : r.state === "served" ? [w.x + 15.5, w.y + 9] : r.home;
        r.at = r.at.map((p, k) => p + (to[k] - p) * ease);
        r.dot.setAttribute("cx", r.at[0].toFixed(1)); r.dot.setAttribute("cy", r.at[1].toFixed(1)); r.dot.setAttribute("class", r.state);
        r.line.setAttribute("d", w ? `M${r.at[0].toFixed(1)} ${r.at[1].toFixed(1)}L${w.x} ${w.y + 9}` : "");
      }
      for (const w of this.workers) {
        w.box.setAttribute("class", "worker " + w.state);
        w.left.setAttribute("width", w.state === "held" ? Math.max(0, 31 * (w.until - this.t) / val.timeout).toFixed(1) : 0);
      }
      const top = Math.max(10, ...this.past);
      $(".spark", this.panel).setAttribute("points", this.past.map((n, i) => `${(10 + i * 5.7).toFixed(1)},${(202 - 22 * n / top).toFixed(1)}`).join(" "));
    }
    report() {
      const count = s => this.workers.filter(w => w.state === s).length;
      const times = this.done.map(d => d[1]).sort((a, b) => a - b), mid = times[times.length >> 1];
      const set = (name, text) => { $(`[data-out=${name}]`, this.panel).textContent = text; };
      set("wait", this.queue.length); set("rate", (this.done.length / 20).toFixed(1) + " /s"); set("time", mid ? mid.toFixed(2) + " s" : "–");
      set("held", `${count("busy")} serving, ${count("held")} held, ${count("free")} free`);
    }
  }

  let pair = [], playing = false, seen = false, last = 0, told = 0;
  const both = f => pair.forEach(f);
  const show = () => both(s => { s.paint(1); s.report(); });
  const advance = seconds => { for (let i = 0; i < seconds * 50; i++) both(s => s.step(0.02)); };
  const rebuild = () => {
    pair = [...root.querySelectorAll(".panel")].map(p => new Server(p, p.dataset.keep === "on"));
    advance(WARM); show();
  };
  /* Workers in use while nobody waits: readers, times the share of a reader's round in which a worker is theirs. */
  const wanted = readers => {
    const { think, timeout } = val, back = think ? 1 - Math.exp(-timeout / think) : 1;        // share that returns in time
    const opened = (1 - back) * HANDSHAKE, closed = PAGE + HANDSHAKE;
    return { on: readers * (PAGE + think * back + opened) / (think + PAGE + opened), off: readers * closed / (think + closed) };
  };
  const say = () => {
    const { on, off } = wanted(val.readers), one = wanted(1), n = x => x < 9.95 ? x.toFixed(1) : Math.round(x);
    const from = share => Math.floor(val.workers / share + 1e-9) + 1;
    $(".say").textContent = `With Keep-Alive these readers hold ${n(on)} workers at a time, without it ${n(off)}. There are ${val.workers}: `
      + (on > val.workers + 1e-9 ? (off > val.workers + 1e-9 ? "both queue." : "Keep-Alive queues, closing does not.") : "nobody waits, and Keep-Alive saves a handshake a page.")
      + ` With these workers the queue begins at ${from(one.on)} readers with Keep-Alive, at ${from(one.off)} without.`;
    const svg = $(".turn svg"), g = $("g.live", svg), top = 20, X = r => 34 + r * 5.2, Y = w => 148 - w * 6.4;
    g.textContent = "";
    el("path", { class: "limit", d: `M34 ${Y(val.workers)}H346` }, g);
    el("text", { x: 346, y: Y(val.workers) - 5, "text-anchor": "end" }, g).textContent = `${val.workers} workers`;
    for (const k of ["on", "off"]) {
      const end = Math.min(60, top / one[k]);
      el("path", { class: "want " + k, d: `M34 148L${X(end).toFixed(1)} ${Y(one[k] * end).toFixed(1)}` }, g);
      const high = Math.min(top, wanted(val.readers)[k]);
      el("circle", { class: "want " + k, cx: X(val.readers), cy: Y(high), r: 4.5 }, g);
    }
    el("path", { class: "now", d: `M${X(val.readers)} 20V148` }, g);
    const place = end => end > 48 ? { x: X(end) - 6, "text-anchor": "end" } : { x: X(end) + 7 };
    const on60 = Math.min(60, top / one.on), off60 = Math.min(60, top / one.off);
    el("text", { ...place(on60), y: Math.max(30, Y(one.on * on60) + 12) }, g).textContent = "On";
    el("text", { ...place(off60), y: Y(one.off * off60) - 8 }, g).textContent = "Off";
  };
  const read = e => {
    inputs.forEach(i => { val[i.name] = +i.value; i.nextElementSibling.textContent = i.value + (i.dataset.unit || ""); });
    if (!e || !playing || e.target.name === "readers" || e.target.name === "workers") rebuild();   // at rest: how it settles
    say();
  };
  const frame = now => {
    if (!playing || !seen) { last = 0; return; }
    const dt = last ? Math.min(0.05, (now - last) / 1000) : 0.016; last = now;
    for (let i = 0; i < 4; i++) both(s => s.step(dt * SPEED / 4));
    both(s => s.paint(Math.min(1, dt * 9)));
    if (now - told > 400) { told = now; both(s => s.report()); }
    requestAnimationFrame(frame);
  };
  const play = on => { playing = on; $(".play").textContent = on ? "Pause" : "Play"; if (on) { last = 0; requestAnimationFrame(frame); } };

  root.querySelectorAll(".preset").forEach(b => b.addEventListener("click", () => {
    for (const [name, value] of Object.entries(JSON.parse(b.dataset.set))) inputs.find(i => i.name === name).value = value;
    read();
  }));
  root.querySelectorAll(".panel svg").forEach(s => s.setAttribute("aria-label", "Readers, queue and workers, moving. The numbers below say the same."));
  inputs.forEach(i => i.addEventListener("input", read));
  $(".play").addEventListener("click", () => play(!playing));
  $(".step").addEventListener("click", () => { play(false); advance(1); show(); });
  $(".reset").addEventListener("click", () => { inputs.forEach(i => { i.value = i.defaultValue; }); read(); });
  still.addEventListener("change", () => still.matches && play(false));
  new IntersectionObserver(([e]) => { const was = seen; seen = e.isIntersecting; if (seen && !was && playing) requestAnimationFrame(frame); }).observe(root);
  read();
  if (!still.matches) play(true);
})();
