/** Questions to the person, each a <dialog>. */
import { h } from "./dom";

export interface Choice {
  value: string;
  label: string;
  look?: "wa-brand" | "wa-outlined" | "wa-danger";
}
export interface Field {
  name: string;
  label: string;
  value?: string;
  hint?: string;
  /** A select where options are given, a text area where `long`. */
  options?: string[];
  long?: boolean;
  required?: boolean;
  check?(value: string): string | null;
}
export interface Question {
  title: string;
  words: (string | Node)[];
  fields?: Field[];
  choices: Choice[];
  /** What Escape means; without it Escape does nothing. */
  escape?: string;
}
export interface Reply {
  choice: string;
  values: Record<string, string>;
}

/** Ask; resolves with the choice and the fields. Choices other than `escape` need valid fields. */
export function ask(question: Question): Promise<Reply> {
  return new Promise((resolve) => {
    const inputs = new Map<string, HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>();
    const faults = new Map<string, HTMLElement>();
    const titleId = `q-${Math.random().toString(36).slice(2)}`;
    const fields = (question.fields ?? []).map((field) => {
      const id = `${titleId}-${field.name}`;
      const input = field.options
        ? h("select", { id }, ...field.options.map((option) => h("option", {}, option)))
        : field.long
          ? h("textarea", { id, rows: "3" })
          : h("input", { id, type: "text", autocomplete: "off", spellcheck: "false" });
      if (field.value !== undefined) input.value = field.value;
      const fault = h("span", { class: "xs o-failed", id: `${id}-fault`, role: "alert" });
      input.setAttribute("aria-describedby", `${id}-fault`);
      inputs.set(field.name, input);
      faults.set(field.name, fault);
      return h("div", { class: "stack gap-1" }, h("label", { for: id }, field.label), input, field.hint && h("span", { class: "xs quiet" }, field.hint), fault);
    });
    const finish = (choice: string): void => {
      dialog.close();
      dialog.remove();
      resolve({ choice, values: Object.fromEntries([...inputs].map(([name, input]) => [name, input.value.trim()])) });
    };
    const valid = (): boolean => {
      let first: HTMLElement | undefined;
      for (const field of question.fields ?? []) {
        const value = inputs.get(field.name)!.value.trim();
        const fault = field.required && !value ? "This is needed." : (field.check?.(value) ?? null);
        faults.get(field.name)!.textContent = fault ?? "";
        inputs.get(field.name)!.toggleAttribute("aria-invalid", Boolean(fault));
        if (fault) first ??= inputs.get(field.name);
      }
      first?.focus();
      return !first;
    };
    const choose = (choice: string): void => {
      if (choice === question.escape || valid()) finish(choice);
    };
    const dialog = h(
      "dialog",
      { class: "ask", "aria-labelledby": titleId },
      h("h2", { id: titleId }, question.title),
      ...question.words.map((word) => (typeof word === "string" ? h("p", {}, word) : word)),
      ...fields,
      h("div", { class: "row answers" }, ...question.choices.map(({ value, label, look }) => h("button", { type: "button", class: look ?? "wa-outlined", click: () => choose(value) }, label))),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (question.escape !== undefined) finish(question.escape);
    });
    dialog.addEventListener("keydown", (event) => {
      const main = question.choices.find(({ look }) => look === "wa-brand" || look === "wa-danger");
      if (event.key !== "Enter" || !main || !(event.target instanceof HTMLInputElement)) return;
      event.preventDefault(); // the focus goes back to the editor, and the line break must not follow it there
      choose(main.value);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = [...inputs.values()][0];
    first?.focus();
    if (first instanceof HTMLInputElement) selectName(first);
  });
}

/** Tell something that must be read before going on. */
export async function tell(title: string, ...words: (string | Node)[]): Promise<void> {
  await ask({ title, words, choices: [{ value: "ok", label: "Close", look: "wa-brand" }], escape: "ok" });
}

function selectName(input: HTMLInputElement): void {
  const start = input.value.lastIndexOf("/") + 1;
  const dot = input.value.lastIndexOf(".");
  input.setSelectionRange(start, dot > start ? dot : input.value.length);
}
