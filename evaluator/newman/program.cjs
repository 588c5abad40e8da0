// Runs a Postman collection with newman and tells what happened: one line of JSON per event on standard output.
//
// Standard input holds {collection, globals, limits}. The scripts of the collection run in newman's sandbox; what they
// write to the console is dropped.
"use strict";

const newman = require("newman");

const KEPT = 4096;
const TOLD_AT_MOST = 20000;
let told = 0;

function tell(event) {
  if (told < TOLD_AT_MOST) {
    told += 1;
    process.stdout.write(JSON.stringify(event) + "\n");
  }
}

function cut(text) {
  const written = text === undefined || text === null ? "" : String(text);
  return written.length > KEPT ? `${written.slice(0, KEPT)} … (${written.length} characters)` : written;
}

function headers(list) {
  const found = {};
  if (list) list.each((header) => { found[cut(header.key)] = cut(header.value); });
  return found;
}

function position(told) {
  return told && told.cursor ? told.cursor.position : -1;
}

function start(input) {
  const { collection, globals, limits } = JSON.parse(input);
  const run = newman.run({
    collection,
    globals: Object.entries(globals).map(([key, value]) => ({ key, value })),
    reporters: [],
    timeout: limits.seconds * 1000,
    timeoutRequest: limits.request_seconds * 1000,
    timeoutScript: limits.script_seconds * 1000,
    ignoreRedirects: true,
    insecure: false,
  }, (error) => {
    tell({ event: "end", error: error ? cut(error.message) : "" });
  });
  run.on("beforeItem", (error, item) => tell({ event: "item", position: position(item) }));
  run.on("request", (error, sent) => {
    const { request, response } = sent;
    tell({
      event: "request",
      position: position(sent),
      error: error ? cut(error.message) : "",
      method: request ? request.method : "",
      path: request && request.url ? cut(request.url.getPathWithQuery()) : "",
      request_headers: headers(request && request.headers),
      request_body: request && request.body ? cut(request.body.toString()) : "",
      status: response ? response.code : null,
      received_headers: headers(response && response.headers),
      received_body: response ? cut(response.text()) : "",
      seconds: response ? (response.responseTime || 0) / 1000 : 0,
    });
  });
  run.on("assertion", (error, made) => tell({
    event: "assertion",
    position: position(made),
    name: cut(made.assertion),
    skipped: Boolean(made.skipped),
    error: error ? cut(error.message || error.name || "failed") : "",
  }));
  run.on("script", (error, ran) => {
    if (error) tell({ event: "script", position: position(ran), error: cut(`${error.name}: ${error.message}`) });
  });
}

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (part) => { input += part; });
process.stdin.on("end", () => start(input));
