// Opens a front.html in headless Chromium and uses it like a person: mouse, finger, keyboard, a wide and a narrow screen.
//
//   node html_browser.test.mjs FRONT.html [FRONT.json] [--screenshots DIR]
//
// With FRONT.json the number of points is checked against the report itself, not only against the data inside the page.
// Exit code: 0 all checks hold, 1 a check failed, 77 no Chromium found (set CHROMIUM to name one).
// Needs node 18 and no package: the browser is driven over its DevTools pipe (file descriptors 3 and 4).
import { spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const args = process.argv.slice(2);
const option = args.indexOf("--screenshots");
const shots = option >= 0 ? args.splice(option, 2)[1] : null;
const [htmlPath, jsonPath] = args;
if (!htmlPath) {
  console.error("usage: node html_browser.test.mjs FRONT.html [FRONT.json] [--screenshots DIR]");
  process.exit(1);
}

const runs = path => { try { accessSync(path, constants.X_OK); return true; } catch { return false; } };
const browserPath = process.env.CHROMIUM || ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
  .flatMap(name => (process.env.PATH || "").split(":").map(folder => join(folder, name))).find(runs);
if (!browserPath || !runs(browserPath)) {
  console.error("html_browser: skipped, no Chromium in PATH (set CHROMIUM to the path of one)");
  process.exit(77);
}

let failures = 0, checks = 0;
const check = (holds, what) => {
  ++checks;
  if (holds) return;
  if (++failures <= 25) console.error("FAILED: " + what);
};

const profile = mkdtempSync(join(tmpdir(), "petra-browser-"));
const browser = spawn(browserPath, [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe",
  "--user-data-dir=" + profile, "about:blank",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });

let nextId = 0, rest = "";
const waiting = new Map(), listeners = [];
browser.stdio[4].setEncoding("utf8").on("data", chunk => {
  const parts = (rest + chunk).split("\0");
  rest = parts.pop();
  for (const text of parts) {
    const message = JSON.parse(text);
    const call = waiting.get(message.id);
    if (!call) { for (const listener of listeners) listener(message); continue; }
    waiting.delete(message.id);
    if (message.error) call.reject(new Error(call.method + ": " + message.error.message));
    else call.resolve(message.result);
  }
});
browser.stdio[3].on("error", () => {});
const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
  const id = ++nextId;
  waiting.set(id, { resolve, reject, method });
  browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
});
const close = code => {
  browser.kill("SIGKILL");
  setTimeout(() => {  // the profile is released a moment after the process ends
    try { rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }); } catch {}
    process.exit(code);
  }, 200);
};
const watchdog = setTimeout(() => { console.error("FAILED: the browser did not answer within 90 s"); close(1); }, 90_000);
browser.on("error", error => { console.error("FAILED: cannot start " + browserPath + ": " + error.message); close(1); });

const url = pathToFileURL(resolve(htmlPath)).href;
const pause = ms => new Promise(done => setTimeout(done, ms));

// A fresh page of the given size; collects everything the page complains about or asks the network for.
const open = async (name, { width, height, touch = false, dark = false }) => {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const page = { name, width, height, complaints: [], requests: [], documents: 0 };
  page.send = (method, params) => send(method, params, sessionId);
  const loaded = new Promise(done => listeners.push(({ sessionId: from, method, params }) => {
    if (from !== sessionId) return;
    if (method === "Page.loadEventFired") done();
    if (method === "Runtime.exceptionThrown")
      page.complaints.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type))
      page.complaints.push(params.type + ": " + params.args.map(a => a.value ?? a.description).join(" "));
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level))
      page.complaints.push(params.entry.level + ": " + params.entry.text);
    if (method === "Network.requestWillBeSent") {
      if (params.request.url === url && params.type === "Document") ++page.documents;
      else if (!params.request.url.startsWith("data:")) page.requests.push(params.request.url);
    }
  }));
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await page.send(domain + ".enable");
  await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: touch ? 2 : 1, mobile: touch });
  await page.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await page.send("Emulation.setScrollbarsHidden", { hidden: true });  // a picture of the whole page has none either
  await page.send("Emulation.setEmulatedMedia",
                  { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
  if (touch) await page.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 1 });
  await page.send("Page.navigate", { url });
  await loaded;
  page.evaluate = async expression => {
    const { result, exceptionDetails } = await page.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
    return result.value;
  };
  page.frame = () => page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
  await page.frame();
  page.screenshot = async suffix => {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    const full = suffix === "";
    const { data } = await page.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: full });
    writeFileSync(join(shots, name + suffix + ".png"), Buffer.from(data, "base64"));
  };
  page.close = async () => {
    check(page.complaints.length === 0, `${name}: the console is not clean:\n  ` + page.complaints.join("\n  "));
    check(page.requests.length === 0, `${name}: the page asked for ` + page.requests.join(", "));
    check(page.documents === 1, `${name}: the request of the page itself was not seen, so requests are not being observed`);
    await send("Target.closeTarget", { targetId });
  };
  return page;
};

const hover = async (page, x, y) => {
  await page.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y, button: "none" });
  await page.frame();  // moves are handed to the page once a frame
};
const tap = async (page, x, y) => {
  await page.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
  await page.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await page.frame();
};
const press = async (page, key) => {
  await page.send("Input.dispatchKeyEvent", { type: "keyDown", key, code: key, windowsVirtualKeyCode: { Tab: 9, Escape: 27,
    ArrowLeft: 37, ArrowRight: 39, Home: 36, End: 35 }[key] });
  await page.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key });
};

// The centers of the marks of one chart, in the window, after scrolling the chart there.
const marks = (page, chart) => page.evaluate(`(() => {
  const box = document.getElementById("plot-${chart}");
  box.scrollIntoView({ block: "center", behavior: "instant" });
  return [...box.querySelectorAll(".point")].map(g => {
    const r = g.querySelector(".shape").getBoundingClientRect();
    return { id: Number(g.dataset.id), kind: g.classList[1], x: r.left + r.width / 2, y: r.top + r.height / 2 };
  });
})()`);
const tooltip = page => page.evaluate(`(() => {
  const tip = document.getElementById("tip");
  if (tip.hidden) return null;
  const r = tip.getBoundingClientRect();
  return { text: tip.textContent, pipeline: tip.querySelector("code").textContent,
           left: r.left, right: r.right, width: r.width, height: r.height,
           active: [...document.querySelectorAll(".point.active")].map(g => Number(g.dataset.id)) };
})()`);

const finiteQuality = c => typeof c.quality === "number";
const expectedPoints = report => {
  const all = new Map();
  for (const c of [report.baseline, ...report.front, ...report.evaluated]) if (!all.has(c.id)) all.set(c.id, c);
  const models = [...all.values()].filter(finiteQuality);
  return { latency: models.filter(c => (c.latency_p50_ns ?? c.latency_cost_ns) > 0).length,
           size: models.filter(c => c.size_bytes > 0).length };
};

// What holds on every screen.
const look = async page => {
  const say = text => page.name + ": " + text;
  const data = await page.evaluate(`JSON.parse(document.getElementById("data").textContent)`);
  const report = jsonPath ? JSON.parse(readFileSync(jsonPath, "utf8")) : null;
  for (const [i, { id }] of data.charts.entries()) {
    const seen = await page.evaluate(`(() => {
      const box = document.getElementById("plot-${id}"), text = s => [...box.querySelectorAll(s)].map(t => t.textContent);
      return { points: box.querySelectorAll(".point").length, x: text(".label.x"), y: text(".label.y"), ticks: text(".tick"),
               marks: text(".mark"), line: box.querySelectorAll(".front-line").length,
               label: box.querySelector("svg").getAttribute("aria-label"),
               named: [...box.querySelectorAll(".point")].every(g => g.getAttribute("aria-label").length > 10),
               entries: box.querySelectorAll('.point[tabindex="0"]').length,
               inside: [...box.querySelectorAll(".point")].every(g => {
                 const r = g.querySelector(".shape").getBoundingClientRect(), b = box.getBoundingClientRect();
                 return r.left >= b.left && r.right <= b.right && r.top >= b.top && r.bottom <= b.bottom; }) };
    })()`);
    const wanted = report ? expectedPoints(report)[id] : data.points.filter(p => p.x[i] !== null).length;
    check(seen.points === wanted, say(`${id} chart: expected ${wanted} points, found ${seen.points}`));
    check(seen.inside, say(`${id} chart: a point lies outside the drawing`));
    const unit = id === "latency" ? /\bin (ns|µs|ms|s)\b/ : /\bin (B|kB|MB|GB)\b/;
    check(unit.test(seen.x[0] || ""), say(`${id} chart: expected a unit on the horizontal axis, found "${seen.x[0]}"`));
    check((seen.y[0] || "").includes(report ? report.metric : "accuracy"),
          say(`${id} chart: expected the metric on the vertical axis, found "${seen.y[0]}"`));
    if (data.percent) check(/%/.test(seen.y[0] || ""), say(`${id} chart: expected % on the vertical axis, found "${seen.y[0]}"`));
    const values = seen.ticks.map(Number);
    check(values.length >= 4 && values.every(Number.isFinite), say(`${id} chart: expected ticks with numbers, found ${seen.ticks}`));
    check(new Set(seen.ticks).size >= 4, say(`${id} chart: the ticks repeat: ${seen.ticks}`));
    check(seen.marks.includes("baseline"), say(`${id} chart: the baseline is not named`));
    if (data.points.some(p => p.kind === "chosen")) check(seen.marks.includes("chosen"), say(`${id} chart: the chosen model is not named`));
    if (data.points.some(p => p.member)) check(seen.line === 1, say(`${id} chart: the front is not connected`));
    check(seen.label && seen.named, say(`${id} chart: a label for screen readers is missing`));
    check(seen.entries === 1, say(`${id} chart: expected one tab stop, found ${seen.entries}`));
  }
  if (report) {
    const table = await page.evaluate(`[...document.querySelectorAll("tbody tr")].map(r => r.querySelector("code").textContent)`);
    const expected = [report.baseline, ...report.front.filter(c => c.id !== report.baseline.id)].map(c => c.pipeline);
    check(JSON.stringify([...table].sort()) === JSON.stringify(expected.sort()),
          say("the table does not hold each pipeline of the front, character by character"));
    const seen = new Map(data.points.map(p => [p.id, p.pipeline]));
    check([report.baseline, ...report.front, ...report.evaluated].filter(finiteQuality).every(c => seen.has(c.id)),
          say("a candidate of the report is missing in the page"));
    check(report.front.every(c => seen.get(c.id) === c.pipeline), say("a pipeline changed on its way into the page"));
  }
  const injected = await page.evaluate(`document.querySelectorAll("td b, td script, li script, code *:not(span)").length`);
  check(injected === 0, say("a pipeline became markup"));

  // Text and width.
  const small = await page.evaluate(`(() => {
    const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      const e = n.parentElement;
      if (!n.data.trim() || e.closest("script, style, noscript, [hidden]")) continue;
      const scale = e instanceof SVGElement ? Math.abs(e.getScreenCTM().a) : 1;
      const size = parseFloat(getComputedStyle(e).fontSize) * scale;
      if (size < 11) found.push(size + " px: " + n.data.trim().slice(0, 40));
    }
    return found;
  })()`);
  check(small.length === 0, say("text below 11 px: " + small.slice(0, 5).join("; ")));
  const [scroll, view] = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
  check(view === page.width, say(`expected a layout ${page.width} px wide, found ${view}`));
  check(scroll <= view, say(`the page scrolls sideways: ${scroll} px in a window of ${view}`));
  const wide = await page.evaluate(`[...document.querySelectorAll("body *")].filter(e => !e.closest("[hidden]") &&
    e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(e => e.tagName + "." + e.className).slice(0, 5)`);
  check(wide.length === 0, say("wider than the window: " + wide.join(", ")));
  const overlap = await page.evaluate(`(() => {
    for (const box of document.querySelectorAll(".plot")) {
      const boxes = [...box.querySelectorAll(".tick, .label")].map(t => [t.textContent, t.getBoundingClientRect()]);
      for (const [a, p] of boxes) for (const [b, q] of boxes)
        if (p !== q && p.left < q.right && q.left < p.right && p.top + 3 < q.bottom && q.top + 3 < p.bottom) return a + " / " + b;
    }
    return "";
  })()`);
  check(!overlap, say("texts of the axes overlap: " + overlap));
  return data;
};

// The tooltip must show a model whose mark is where the pointer is; for the chosen one and the baseline exactly that one.
const checkTip = (page, data, at, all, tip, how) => {
  const p = data.points.find(q => q.id === at.id);
  if (!tip) return check(false, `${page.name}: ${how} model ${at.id} shows nothing`);
  const shown = data.points.find(q => tip.active.includes(q.id));
  const place = all.find(q => q.id === shown?.id);
  const near = place && Math.hypot(place.x - at.x, place.y - at.y) < 12;
  check(near, `${page.name}: ${how} model ${at.id} shows model ${shown?.id}, whose mark is elsewhere`);
  if (at.kind === "chosen") check(shown?.id === at.id, `${page.name}: ${how} the chosen model shows model ${shown?.id}`);
  check(shown && tip.pipeline === shown.pipeline,
        `${page.name}: ${how} model ${at.id}: expected the pipeline "${(shown || p).pipeline}", found "${tip.pipeline}"`);
  for (const [name, value] of (shown || p).facts)
    check(tip.text.includes(name) && tip.text.includes(value), `${page.name}: ${how} model ${at.id} does not show ${name} ${value}`);
  check(tip.left >= 0 && tip.right <= page.width, `${page.name}: ${how} model ${at.id}: the tooltip leaves the window`);
  check(tip.width > 150 && tip.height > 80, `${page.name}: ${how} model ${at.id}: the tooltip has no size`);
};

const main = async () => {
  const backgrounds = [];
  for (const dark of [false, true]) {
    const page = await open(dark ? "dark" : "light", { width: 1280, height: 900, dark });
    backgrounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    const data = await look(page);
    await page.screenshot("");
    for (const { id } of data.charts) {
      const all = await marks(page, id);
      for (const at of all.filter((p, i) => !dark || p.kind !== "other" || i % 9 === 0)) {
        await hover(page, at.x, at.y);
        checkTip(page, data, at, all, await tooltip(page), `${id} chart: hovering`);
      }
      await hover(page, 2, 2);
      check(await tooltip(page) === null, `${page.name}: ${id} chart: the tooltip stays when the mouse has left`);
    }
    const all = await marks(page, "latency"), star = all.find(p => p.kind === "chosen") || all[0];
    if (star) {
      await hover(page, star.x, star.y);
      await page.screenshot("-hover");
      const rows = await page.evaluate(`[...document.querySelectorAll("tr.active")].map(r => Number(r.dataset.id))`);
      check(rows.length === 0 || (rows.length === 1 && rows[0] === star.id), `${page.name}: another row is highlighted`);
      const twins = (await tooltip(page)).active;
      check(twins.length >= 1 && twins.every(id => id === star.id), `${page.name}: the other chart highlights another model`);
    }
    // Keyboard: one tab stop a chart, arrows inside, Escape closes.
    await hover(page, 2, 2);
    await page.evaluate("document.activeElement.blur(), scrollTo(0, 0)");
    for (const { id } of all.length ? data.charts : []) {
      for (let i = 0; i < 20; ++i) {
        await press(page, "Tab");
        if (await page.evaluate(`!!document.activeElement.closest("#plot-${id}")`)) break;
      }
      const focused = () => page.evaluate(`document.activeElement.dataset?.id === undefined ? null : Number(document.activeElement.dataset.id)`);
      const first = await focused();
      check(first !== null, `${page.name}: ${id} chart: Tab does not reach it`);
      const n = await page.evaluate(`document.querySelectorAll("#plot-${id} .point").length`);
      const visited = new Set();
      await press(page, "Home");
      for (let i = 0; i < (dark ? 2 : n); ++i) {
        const now = await focused(), tip = await tooltip(page);
        visited.add(now);
        check(tip && tip.pipeline === data.points.find(p => p.id === now).pipeline,
              `${page.name}: ${id} chart: focus on model ${now} does not show its pipeline`);
        if (i === 3 && id === "size") await page.screenshot("-focus");
        await press(page, "ArrowRight");
      }
      check(visited.size === Math.min(n, dark ? 2 : n), `${page.name}: ${id} chart: the arrow keys reach ${visited.size} of ${n} models`);
      await press(page, "Escape");
      check(await tooltip(page) === null, `${page.name}: ${id} chart: Escape does not close the tooltip`);
    }
    await page.close();
  }
  check(backgrounds[0] !== backgrounds[1], "light and dark have the same background");

  for (const width of [360, 768]) {
    const page = await open("touch-" + width, { width, height: 740, touch: true, dark: width === 768 });
    const data = await look(page);
    await page.screenshot("");
    for (const { id } of data.charts) {
      const all = await marks(page, id);
      const some = all.filter((p, i) => p.kind !== "other" || i % 7 === 0);
      for (const at of some) {
        await tap(page, at.x, at.y);
        checkTip(page, data, at, all, await tooltip(page), `${id} chart: tapping`);
        if (at.kind === "chosen" && id === "latency") await page.screenshot("-tap");
      }
      const [x, y] = await page.evaluate(`(() => { const r = document.querySelector("#plot-${id}").previousSibling.getBoundingClientRect();
        return [r.left + 5, r.top + 5]; })()`);
      if (some.length) {
        await tap(page, x, y);
        check(await tooltip(page) === null, `${page.name}: ${id} chart: tapping elsewhere does not close the tooltip`);
      }
    }
    // Turning the device redraws at the new width.
    if (width === 360) {
      await page.send("Emulation.setDeviceMetricsOverride", { width: 740, height: 360, deviceScaleFactor: 2, mobile: true });
      await pause(200);
      page.width = 740;
      page.name = "turned";
      await look(page);
    }
    await page.close();
  }
};

main().then(() => {
  clearTimeout(watchdog);
  console.log(`html_browser: ${htmlPath}: ${checks} checks, ${failures} failed`);
  close(failures ? 1 : 0);
}, error => {
  clearTimeout(watchdog);
  console.error("FAILED: " + (error.stack || error));
  close(1);
});
