// Runs a Postman collection with newman and tells what happened: one line of JSON per event on standard output.
//
// Standard input holds {collection, globals, limits, port}. The scripts of the collection run in newman's sandbox; what
// they write to the console is dropped. Requests of theirs too reach the judged server only, at 127.0.0.1:port.
"use strict";

const net = require("net");
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

function reachOnly(port) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...given) {
    const first = Array.isArray(given[0]) ? given[0][0] : given[0];
    const asked = typeof first === "object" ? first : { port: first, host: given[1] };
    if (!asked.path && asked.host === "127.0.0.1" && Number(asked.port) === port) return connect.apply(this, given);
    process.nextTick(() => this.destroy(new Error("a collection may ask the judged server only")));
    return this;
  };
}

function start(input) {
  const { collection, globals, limits, port } = JSON.parse(input);
  reachOnly(port);
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
  let item = "";
  run.on("beforeItem", (error, begun) => {
    item = begun.item.id;
    tell({ event: "item", position: position(begun) });
  });
  run.on("request", (error, sent) => {
    const { request, response } = sent;
    if (!sent.item || sent.item.id !== item) return; // a request of a script, not of the collection
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
