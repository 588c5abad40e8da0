/** Names of a JavaScript or TypeScript file. */
import type { SyntaxNode, Tree } from "@lezer/common";
import { Collector, type FileSymbols, type Kind } from "./model";

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunction", "MethodDeclaration"]);
const CLASSES = new Set(["ClassDeclaration", "ClassExpression", "InterfaceDeclaration"]);
const BLOCKS = new Set(["Block", "ForStatement", "CatchClause"]);

export function javascriptSymbols(tree: Tree, text: string): FileSymbols {
  const found = new Collector(text);
  const opens = (name: string): boolean => FUNCTIONS.has(name) || CLASSES.has(name) || BLOCKS.has(name);
  tree.iterate({
    enter(ref) {
      if (opens(ref.name)) openScope(found, ref.node);
      else if (ref.name === "ImportDeclaration") readImport(found, ref.node);
      else if (ref.name === "ExportDeclaration") readExport(found, ref.node);
      else if (!found.done.has(ref.from)) readName(found, ref.name, ref.node);
    },
    leave(ref) {
      if (opens(ref.name)) found.pop();
    },
  });
  return found.symbols;
}

function openScope(found: Collector, node: SyntaxNode): void {
  const isClass = CLASSES.has(node.name);
  const own = BLOCKS.has(node.name) || node.name === "ArrowFunction" ? null : (node.getChild("VariableDefinition") ?? node.getChild("TypeDefinition") ?? node.getChild("PropertyDefinition"));
  const kind: Kind = isClass ? (node.name === "InterfaceDeclaration" ? "type" : "class") : node.name === "MethodDeclaration" ? "method" : "function";
  const name = own ? found.add(own, { defines: kind, member: kind === "method" ? "" : null }) : null;
  const base = isClass ? node.getChild("VariableName") : null;
  const opened = found.push(node.from, node.to, isClass ? "class" : "function", name?.name ?? "", base ? [found.text.slice(base.from, base.to)] : []);
  if (name) name.opens = opened;
}

function readImport(found: Collector, node: SyntaxNode): void {
  const module = quoted(found, node.getChild("String"));
  if (module === null) return;
  for (const child of children(node)) {
    if (child.name === "VariableDefinition") found.add(child, { defines: "import", imports: { module, name: child.prevSibling?.name === "as" ? null : "default" } });
    if (child.name !== "ImportGroup") continue;
    for (const one of children(child)) {
      if (one.name === "VariableName") found.add(one, { member: "", imports: { module, name: found.text.slice(one.from, one.to) } });
      if (one.name === "VariableDefinition") {
        const renamed = one.prevSibling?.name === "as" ? one.prevSibling.prevSibling : one;
        found.add(one, { defines: "import", imports: { module, name: renamed ? found.text.slice(renamed.from, renamed.to) : null } });
      }
    }
  }
}

function readExport(found: Collector, node: SyntaxNode): void {
  const module = quoted(found, node.getChild("String"));
  const declared = node.lastChild?.name === ";" ? node.lastChild.prevSibling : node.lastChild;
  if (node.getChild("default") && declared) {
    const own = declared.getChild("VariableDefinition") ?? (declared.name === "VariableName" ? declared : null);
    if (own) found.symbols.exports.set("default", found.text.slice(own.from, own.to));
  }
  if (module !== null && node.getChild("Star")) found.symbols.stars.push(module);
  const group = node.getChild("ExportGroup");
  for (const one of children(group)) {
    if (one.name !== "VariableName" || one.prevSibling?.name === "as") continue;
    const alias = one.nextSibling?.name === "as" ? one.nextSibling.nextSibling : null;
    const name = found.text.slice(one.from, one.to);
    const known = alias ? found.text.slice(alias.from, alias.to) : name;
    if (alias) found.done.add(alias.from);
    if (module === null) found.symbols.exports.set(known, name);
    else found.add(one, { defines: "import", name: known, imports: { module, name } });
  }
}

function readName(found: Collector, is: string, node: SyntaxNode): void {
  switch (is) {
    case "VariableDefinition":
      return readVariable(found, node);
    case "TypeDefinition":
      return void found.add(node, { defines: "type" });
    case "VariableName":
    case "TypeName":
      return void found.add(node);
    case "PropertyDefinition": {
      // { fn } uses the variable fn; { fn: … } and a field of a class define a property.
      const shorthand = node.parent?.name === "Property" && !node.nextSibling && !node.prevSibling;
      return void found.add(node, shorthand ? {} : { member: "", defines: "attribute" });
    }
    case "PropertyName":
      return readMember(found, node);
  }
}

function readVariable(found: Collector, node: SyntaxNode): void {
  let declaration: SyntaxNode | null = node.parent;
  while (declaration && !["VariableDeclaration", "ParamList", "CatchClause", "ForOfSpec", "ForInSpec"].includes(declaration.name)) declaration = declaration.parent;
  const value = declaration?.name === "VariableDeclaration" && node.parent === declaration.node ? nextAfterEquals(node) : declaration?.name === "VariableDeclaration" ? declaration.lastChild : null;
  const call = value?.name === ";" ? value.prevSibling : value;
  const module = required(found, call);
  if (module !== null) {
    const key = node.parent?.name === "PatternProperty" ? (node.parent.getChild("PropertyName") ?? node) : null;
    return void found.add(node, { defines: "import", imports: { module, name: key ? found.text.slice(key.from, key.to) : "default" } });
  }
  const isFunction = value && (FUNCTIONS.has(value.name) || CLASSES.has(value.name));
  found.add(node, { defines: declaration?.name === "ParamList" ? "parameter" : isFunction ? "function" : "variable", type: typeOf(found, node, value) });
}

function readMember(found: Collector, node: SyntaxNode): void {
  const whole = node.parent;
  if (whole?.name === "EnumBody") return void found.add(node, { member: "", defines: "attribute" });
  const object = whole?.name === "MemberExpression" ? whole.firstChild : null;
  const path = object ? pathOf(found, object) : "";
  const assigned = whole?.parent?.name === "AssignmentExpression" && whole.parent.firstChild?.from === whole.from;
  if (assigned && path === "this") {
    const around = found.classAround();
    if (around >= 0) return void found.add(node, { member: "this", scope: around, defines: "attribute", type: typeOf(found, node, whole!.parent!.lastChild) });
  }
  if (assigned && (path === "exports" || path === "module.exports")) return void found.add(node, { member: "", scope: 0, defines: "variable" });
  if (assigned && path === "module" && found.text.slice(node.from, node.to) === "exports") {
    const value = whole!.parent!.lastChild;
    if (value?.name === "VariableName") found.symbols.exports.set("default", found.text.slice(value.from, value.to));
    if (value?.name === "ClassExpression" || value?.name === "FunctionExpression") {
      const own = value.getChild("VariableDefinition");
      if (own) found.symbols.exports.set("default", found.text.slice(own.from, own.to));
    }
  }
  found.add(node, { member: path });
}

function typeOf(found: Collector, node: SyntaxNode, value: SyntaxNode | null | undefined): string | undefined {
  const annotation = node.nextSibling?.name === "TypeAnnotation" ? node.nextSibling.getChild("TypeName") : null;
  if (annotation) return found.text.slice(annotation.from, annotation.to);
  if (value?.name === "VariableName") return "=" + found.text.slice(value.from, value.to);
  const made = value?.name === "NewExpression" ? value.getChild("VariableName") : null;
  return made ? found.text.slice(made.from, made.to) : undefined;
}

function pathOf(found: Collector, object: SyntaxNode): string {
  const plain = object.name === "VariableName" || object.name === "this" || (object.name === "MemberExpression" && ["VariableName", "this"].includes(object.firstChild?.name ?? ""));
  return plain ? found.text.slice(object.from, object.to) : "";
}

function nextAfterEquals(node: SyntaxNode): SyntaxNode | null {
  let next = node.nextSibling;
  while (next && next.name !== "Equals" && next.name !== ",") next = next.nextSibling;
  return next?.name === "Equals" ? next.nextSibling : null;
}

/** The module of `require("…")`, also of `await import("…")`. */
function required(found: Collector, value: SyntaxNode | null | undefined): string | null {
  const call = value?.name === "CallExpression" ? value : null;
  const name = call?.firstChild;
  if (!call || !name || found.text.slice(name.from, name.to) !== "require") return null;
  return quoted(found, call.getChild("ArgList")?.getChild("String") ?? null);
}

function quoted(found: Collector, node: SyntaxNode | null): string | null {
  return node ? found.text.slice(node.from + 1, node.to - 1) : null;
}

function children(node: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child; child = child.nextSibling) found.push(child);
  return found;
}
