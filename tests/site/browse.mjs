// Opens the pages of a site in a real browser: node browse.mjs ADDRESS BROWSER [FOLDER FOR SCREENSHOTS]
// Prints one line for each thing that is wrong, and exits 1 if there is any.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [address, executablePath, shots] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${process.env.MODULES}/x.js`));
const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const wrong = [];
const say = (...words) => wrong.push(words.join(" "));

const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });

async function open(path, { width = 1280, scheme = "light", script = true } = {}) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setJavaScriptEnabled(script);
  page.asked = [];
  page.on("request", (request) => {
    page.asked.push(request.url());
    if (!request.url().startsWith(address)) say(path, "asks for", request.url());
  });
  page.on("dialog", (dialog) => { say(path, "opened a dialog"); dialog.dismiss(); });
  page.on("pageerror", (error) => say(path, "has an error in its script:", error.message));
  page.on("console", (line) => { if (/Content Security Policy/.test(line.text())) say(path, line.text()); });
  await page.goto(address + path, { waitUntil: "networkidle0" });
  return page;
}

const pages = ["", "?q=form", "skills/web/index.html", "skills/web/forms/", "skills/web/evil/", "skills/web/evil/files.html", "skills/web/forms/history.html", "skills/web/forms/compare.html", "skills/web/evil/compare.html", "404.html"];
for (const path of pages) {
  for (const [width, scheme] of [[360, "light"], [800, "dark"], [1280, "light"]]) {
    const page = await open(path, { width, scheme });
    const overflow = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
    if (overflow > 0) say(path, `is ${overflow} pixels too wide at ${width}`);
    await page.evaluate(axe); // not as a script element, which the policy forbids
    const { violations } = await page.evaluate(() => window.axe.run());
    for (const each of violations.filter((each) => ["serious", "critical"].includes(each.impact))) {
      say(path, width, scheme, each.id, each.nodes.slice(0, 2).map((node) => node.html.slice(0, 120)).join(" | "));
    }
    if (shots) await page.screenshot({ path: `${shots}/${path.replace(/\W+/g, "-") || "front"}-${width}-${scheme}.png`, fullPage: false });
    await page.close();
  }
}

// A person types, finds, and copies: two clicks after the words.
const page = await open("");
const before = page.asked.length;
await page.focus("#q");
await page.waitForFunction(() => document.querySelectorAll("[name=category] option").length > 1);
if (page.asked.length !== before + 1) say("the search asks for more than one file");
const took = await page.evaluate(() => {
  const input = document.querySelector("#q");
  input.value = "forms";
  const start = performance.now();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  return new Promise((done) => {
    new MutationObserver(() => done(performance.now() - start)).observe(document.querySelector("#found"), { childList: true });
  });
});
if (took > 50) say(`a search takes ${took} ms`);
if (!page.url().includes("?q=forms")) say("the address does not hold the search");
await Promise.all([page.waitForNavigation(), page.click("#found a")]);
if (!page.url().endsWith("skills/web/forms/index.html")) say("the first result is", page.url());
if (!(await page.$("[data-copy]:not([hidden])"))) say("there is no button to copy with");
await page.keyboard.press("Tab");
if (!(await page.evaluate(() => document.activeElement.matches(".skip")))) say("the first stop of Tab is not the skip link");
await page.close();

const plain = await open("skills/web/forms/", { script: false });
const text = await plain.$eval("main", (main) => main.innerText);
for (const word of ["npx skills add", "What it brings", "Do it step by step"]) if (!text.includes(word)) say("without JavaScript there is no", word);
await plain.close();
const front = await open("", { script: false });
if (!(await front.$$eval("#browse a", (links) => links.length))) say("without JavaScript the front page leads nowhere");
await browser.close();
console.log(wrong.length ? wrong.join("\n") : `${pages.length} pages at three widths, light and dark: nothing is wrong`);
process.exit(wrong.length ? 1 : 0);
