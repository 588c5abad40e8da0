// Pinned: what announces a failure. No plug-in, no import: nothing of the backend's is ever loaded.
const names = (words) => Object.fromEntries(words.split(" ").map((word) => [word, "readonly"]));
const globals = names(
  "process Buffer console global globalThis setTimeout clearTimeout setInterval clearInterval setImmediate " +
    "clearImmediate queueMicrotask structuredClone URL URLSearchParams TextEncoder TextDecoder AbortController " +
    "AbortSignal Event EventTarget fetch Headers Request Response FormData Blob File crypto performance atob btoa " +
    "ReadableStream WritableStream TransformStream WebSocket CompressionStream DecompressionStream CryptoKey " +
    "SubtleCrypto MessageChannel MessagePort BroadcastChannel DOMException WebAssembly navigator CustomEvent Crypto",
);
const commonjs = names("require module exports __filename __dirname");
const errors =
  "constructor-super for-direction getter-return no-async-promise-executor no-class-assign no-compare-neg-zero " +
  "no-const-assign no-dupe-args no-dupe-class-members no-dupe-else-if no-dupe-keys no-duplicate-case " +
  "no-func-assign no-import-assign no-invalid-regexp no-new-native-nonconstructor no-obj-calls no-redeclare " +
  "no-self-assign no-setter-return no-this-before-super no-undef no-unsafe-finally no-unsafe-negation " +
  "no-unsafe-optional-chaining no-use-before-define use-isnan valid-typeof";
const warnings =
  "array-callback-return consistent-return eqeqeq no-await-in-loop no-cond-assign no-constant-binary-expression " +
  "no-constant-condition no-control-regex no-empty-pattern no-fallthrough no-global-assign no-implied-eval " +
  "no-loss-of-precision no-prototype-builtins no-self-compare no-shadow-restricted-names " +
  "no-sparse-arrays no-template-curly-in-string no-unmodified-loop-condition no-unreachable no-unreachable-loop " +
  "no-unsafe-optional-chaining no-unused-expressions no-useless-backreference no-useless-catch radix";
const at = (level, words) => Object.fromEntries(words.split(" ").map((word) => [word, level]));
const rules = {
  ...at("warn", warnings),
  ...at("error", errors),
  eqeqeq: ["warn", "always", { null: "ignore" }],
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
};
const linterOptions = { noInlineConfig: true, reportUnusedDisableDirectives: "off" };
const options = (sourceType, more) => ({ ecmaVersion: "latest", sourceType, globals: { ...globals, ...more } });
const jsx = { parserOptions: { ecmaFeatures: { jsx: true } } };

export default [
  { files: ["**/*.js", "**/*.jsx"], languageOptions: { ...options("module", commonjs), ...jsx }, linterOptions, rules },
  { files: ["**/*.mjs"], languageOptions: options("module", {}), linterOptions, rules },
  { files: ["**/*.cjs"], languageOptions: options("commonjs", {}), linterOptions, rules },
];
