/**
 * Runs in the browser: takes the suite's questions from page_server.ts one by one and answers them
 * with onejot. Whatever goes wrong here is told to the server, which then gives up.
 */

const { fetch } = globalThis; // answer() puts another in its place while a question is open

fetch("/presence"); // is never answered to its end, and breaks off when this page dies
try {
  await takeTurns();
} catch (error) {
  await fetch("/failure", { method: "POST", body: String(error) });
}

async function takeTurns(): Promise<never> {
  const { answer } = await import("../../spec/conformance/answer.ts"); // here, to tell what fails to load
  const onejot = await import("../../spec/conformance/onejot.ts");
  let body = navigator.userAgent;
  for (;;) {
    const response = await fetch("/turn", { method: "POST", body });
    body = JSON.stringify(await answer(onejot, await response.json()));
  }
}
