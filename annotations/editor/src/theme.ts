/** Runs in the head, before anything is painted: the theme the person chose, else the system's. */
let chosen: string | null = null;
try {
  chosen = localStorage.getItem("amend.theme");
} catch {
  // Storage is forbidden: the system decides.
}
const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.classList.toggle("wa-dark", dark);
document.documentElement.classList.toggle("wa-light", !dark);
