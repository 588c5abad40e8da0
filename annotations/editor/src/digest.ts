/** The hash of all files, as docs/workspace-protocol.md defines it. Synchronous and without crypto.subtle, which plain http lacks. */
import type { Text } from "@codemirror/state";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Files } from "./files";

// Documents are immutable, so the hash of one is computed once.
const known = new WeakMap<Text, Uint8Array>();

/** SHA-256 in hexadecimal over path, two zero bytes and content hash of every file. */
export function digest(files: Files): string {
  const whole = sha256.create();
  for (const path of files.paths()) {
    const file = files.get(path)!;
    whole.update(utf16le(path));
    whole.update(new Uint8Array(2));
    whole.update(file.doc ? documentHash(file.doc) : hexToBytes(file.contentSha256));
  }
  return bytesToHex(whole.digest());
}

function documentHash(doc: Text): Uint8Array {
  let hash = known.get(doc);
  if (!hash) known.set(doc, (hash = sha256(utf16le(doc.toString()))));
  return hash;
}

function utf16le(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 0xff;
    bytes[2 * i + 1] = unit >> 8;
  }
  return bytes;
}
