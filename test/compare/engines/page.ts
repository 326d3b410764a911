/**
 * Runs in the browser: takes the suite's questions from page_server.ts one by
 * one and answers them with onejot. Whatever goes wrong here is told to the
 * server, which then gives up.
 */

// It is kept: answer() puts another in its place while a question is open.
const { fetch } = globalThis;

// It is never answered to its end, and breaks off when this page dies.
fetch("/presence");
try {
  await takeTurns();
} catch (error) {
  await fetch("/failure", { method: "POST", body: String(error) });
}

async function takeTurns(): Promise<never> {
  // Here, to tell what fails to load.
  const { answer } = await import("../../spec/conformance/answer.ts");
  const onejot = await import("../../spec/conformance/onejot.ts");
  let body = navigator.userAgent;
  for (;;) {
    const response = await fetch("/turn", { method: "POST", body });
    body = JSON.stringify(await answer(onejot, await response.json()));
  }
}
