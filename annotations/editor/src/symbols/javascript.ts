/** Names of a JavaScript or TypeScript file. */
import type { SyntaxNode, Tree } from "@lezer/common";
import { Collector, type FileSymbols, type Kind, type Name, type Path } from "./model";

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunction", "MethodDeclaration", "MethodType"]);
const TYPES = new Set(["InterfaceDeclaration", "TypeAliasDeclaration"]);
const CLASSES = new Set(["ClassDeclaration", "ClassExpression", ...TYPES]);
const BLOCKS = new Set(["Block", "ForStatement", "CatchClause"]);
const LITERALS = new Set(["String", "TemplateString", "Number", "BooleanLiteral", "RegExp", "ArrayExpression", "null"]);
// What these give is what they are given.
const FROZEN = /^Object\.(?:freeze|seal)$/;
// Of these types what counts is the one within.
const WRAPPERS = /^(?:Promise|Awaited|Readonly|Partial|Required|NonNullable|Omit|Pick)$/;

export function javascriptSymbols(tree: Tree, text: string): FileSymbols {
  const found = new Collector(text);
  tree.iterate({
    enter(ref) {
      if (opens(ref.node)) openScope(found, ref.node);
      else if (ref.name === "ImportDeclaration") readImport(found, ref.node);
      else if (ref.name === "ExportDeclaration") readExport(found, ref.node);
      else if (ref.name === "ReturnStatement") found.returned(pathOf(found, ref.node.firstChild?.nextSibling ?? null), ref.from);
      else if (!found.done.has(ref.from)) readName(found, ref.name, ref.node);
    },
    leave(ref) {
      if (opens(ref.node)) found.pop();
    },
  });
  return found.symbols;
}

function opens(node: SyntaxNode): boolean {
  return FUNCTIONS.has(node.name) || CLASSES.has(node.name) || BLOCKS.has(node.name) || node.name === "ObjectExpression" || isObjectsMethod(node);
}

function isObjectsMethod(node: SyntaxNode): boolean {
  return node.name === "Property" && node.getChild("ParamList") !== null;
}

function openScope(found: Collector, node: SyntaxNode): void {
  const coming = found.coming.get(node.from) ?? null;
  if (BLOCKS.has(node.name)) return void found.push(node.from, node.to, "function", undefined);
  if (node.name === "ObjectExpression") {
    // The function around goes on: what its value returns is not the object's.
    found.push(node.from, node.to, "object", undefined);
    if (coming) coming.opens = found.scope;
    return;
  }
  const isClass = CLASSES.has(node.name);
  const own = node.name === "ArrowFunction" ? null : (node.getChild("VariableDefinition") ?? node.getChild("TypeDefinition") ?? node.getChild("PropertyDefinition") ?? node.getChild("PrivatePropertyDefinition"));
  const isMember = node.name === "MethodDeclaration" || node.name === "MethodType" || node.name === "Property";
  const kind: Kind = isClass ? (TYPES.has(node.name) ? "type" : "class") : isMember ? "method" : "function";
  const name = own ? found.add(own, { defines: kind, member: isMember ? "" : null, getter: node.getChild("get") !== null }) : coming;
  const annotation = isClass ? null : node.getChild("TypeAnnotation");
  const body = node.name === "ArrowFunction" ? node.lastChild : null;
  const returned = annotation ? typePath(found, annotation.lastChild) : body && body.name !== "Block" ? pathOf(found, body) : "";
  if (name && returned) name.returns = { path: returned, at: annotation ? node.from : node.to };
  found.push(node.from, node.to, isClass ? "class" : "function", name, isClass ? basesOf(found, node) : []);
}

function basesOf(found: Collector, node: SyntaxNode): Path[] {
  if (node.name === "TypeAliasDeclaration") return [typePath(found, node.lastChild?.name === ";" ? node.lastChild.prevSibling : node.lastChild)].filter((path) => path && path !== "!");
  const bases: Path[] = [];
  for (let at = node.getChild("extends")?.nextSibling ?? null; at && at.name !== "ClassBody" && at.name !== "ObjectType" && at.name !== "implements"; at = at.nextSibling) {
    const path = pathOf(found, at) || typePath(found, at);
    if (path) bases.push(path);
  }
  return bases;
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
  const byDefault = node.getChild("default");
  if (byDefault && declared) exportDefault(found, byDefault, declared);
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

/** What a module exports by default: a name of its own, else one that stands at the word `default` or `exports`. */
function exportDefault(found: Collector, at: SyntaxNode, value: SyntaxNode): void {
  const own = value.getChild("VariableDefinition") ?? (value.name === "VariableName" ? value : null);
  if (own) return void found.symbols.exports.set("default", found.of(own));
  const type = pathOf(found, value);
  const isFunction = FUNCTIONS.has(value.name) || CLASSES.has(value.name);
  if (isFunction || (type && type !== "!")) expect(found, value, found.add(at, { name: "default", member: "", scope: 0, defines: isFunction ? "function" : "variable", type }));
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
    case "PropertyDefinition":
    case "PrivatePropertyDefinition":
      return readProperty(found, node);
    case "PropertyName":
    case "PrivatePropertyName":
      return readMember(found, node);
  }
}

function readProperty(found: Collector, node: SyntaxNode): void {
  const whole = node.parent;
  // { fn } uses the variable fn, and makes a member of that name; { fn: … } and a field of a class define a property.
  const shorthand = whole?.name === "Property" && !node.nextSibling && !node.prevSibling;
  if (shorthand) found.add(node);
  const value = shorthand ? null : whole?.lastChild?.name === ";" ? whole.lastChild.prevSibling : (whole?.lastChild ?? null);
  const name = found.add(node, { member: "", defines: "attribute", type: shorthand ? found.of(node) : typeOf(found, node, value) });
  if (value && value.from > node.to) expect(found, value, name);
}

/** The scope of a function, class or object that a name is given is the name's; where a type is written, that counts. */
function expect(found: Collector, value: SyntaxNode, name: Name): void {
  const isOwn = FUNCTIONS.has(value.name) || CLASSES.has(value.name) || (value.name === "ObjectExpression" && name.type === `{${value.from}`);
  if (isOwn) found.coming.set(value.from, name);
}

function readVariable(found: Collector, node: SyntaxNode): void {
  let declaration: SyntaxNode | null = node.parent;
  while (declaration && !["VariableDeclaration", "ParamList", "CatchClause", "ForOfSpec", "ForInSpec"].includes(declaration.name)) declaration = declaration.parent;
  const isParameter = declaration?.name === "ParamList";
  const isPattern = node.parent?.name === "PatternProperty";
  const direct = declaration !== null && node.parent?.from === declaration.from && node.parent.name === declaration.name;
  const pattern = isPattern ? node.parent!.parent : null;
  const value = declaration?.name !== "VariableDeclaration" ? null : direct ? nextAfterEquals(node) : pattern?.parent?.name === "VariableDeclaration" ? nextAfterEquals(pattern) : null;
  const module = required(found, value);
  const key = isPattern ? (node.parent!.getChild("PropertyName") ?? node) : null;
  if (module !== null && (direct || isPattern)) return void found.add(node, { defines: "import", imports: { module, name: key ? found.of(key) : "default" } });
  const isFunction = value && direct && (FUNCTIONS.has(value.name) || CLASSES.has(value.name));
  const type = isPattern ? partOf(found, pattern!, value, key!) : direct ? typeOf(found, node, value) : undefined;
  const name = found.add(node, { defines: isParameter ? "parameter" : isFunction ? (CLASSES.has(value.name) ? "class" : "function") : "variable", type });
  if (direct && value) expect(found, value, name);
  // constructor(private readonly users: Users)
  const around = found.classAround();
  if (isParameter && around >= 0 && (node.prevSibling?.name === "Privacy" || node.prevSibling?.name === "readonly")) found.add(node, { member: "this", scope: around, defines: "attribute", type });
}

/** Of `{ a } = b` it is `b.a`, of `({ a }: B)` too. */
function partOf(found: Collector, pattern: SyntaxNode, value: SyntaxNode | null, key: SyntaxNode): Path | undefined {
  const annotation = pattern.nextSibling?.name === "TypeAnnotation" ? pattern.nextSibling.lastChild : null;
  const whole = annotation ? typePath(found, annotation) : pathOf(found, value);
  return whole === "!" ? "!" : whole && !whole.startsWith("{") ? `${whole}.${found.of(key)}` : undefined;
}

function readMember(found: Collector, node: SyntaxNode): void {
  const whole = node.parent;
  if (whole?.name === "EnumBody") return void found.add(node, { member: "", defines: "attribute" });
  if (whole?.name === "PatternProperty") {
    // const { name: other } = …
    const value = whole.parent?.parent?.name === "VariableDeclaration" ? nextAfterEquals(whole.parent) : null;
    const module = required(found, value);
    const imports = module === null ? undefined : { module, name: found.of(node) };
    return void found.add(node, imports ? { member: "", imports } : { member: whole.parent!.nextSibling?.name === "TypeAnnotation" ? typePath(found, whole.parent!.nextSibling.lastChild) : pathOf(found, value) });
  }
  const path = whole?.name === "MemberExpression" ? pathOf(found, whole.firstChild) : "";
  const assigned = whole?.parent?.name === "AssignmentExpression" && whole.parent.firstChild?.from === whole.from && whole.parent.getChild("Equals") !== null;
  const value = assigned ? whole.parent!.lastChild! : null;
  if (value && path === "this") {
    const around = found.classAround();
    const isKnown = around >= 0 && found.symbols.names.some((one) => one.scope === around && one.name === found.of(node) && one.defines && one.member !== "this");
    if (around >= 0 && !isKnown) {
      const name = found.add(node, { member: "this", scope: around, defines: "attribute", type: typeOf(found, node, value) });
      return expect(found, value, name);
    }
  }
  if (value && (path === "exports" || path === "module.exports")) {
    const name = found.add(node, { member: "", scope: 0, defines: "variable", type: typeOf(found, node, value) });
    return expect(found, value, name);
  }
  if (value && path === "module" && found.of(node) === "exports") return exportDefault(found, whole!.firstChild!, value);
  found.add(node, { member: path });
}

function typeOf(found: Collector, node: SyntaxNode, value: SyntaxNode | null | undefined): Path | undefined {
  let next = node.nextSibling;
  while (next && next.name !== "TypeAnnotation" && next.name !== "Equals" && next.name !== ",") next = next.nextSibling;
  if (next?.name === "TypeAnnotation") return typePath(found, next.lastChild) || undefined;
  return (value && value.from > node.to && pathOf(found, value)) || undefined;
}

/** The class or interface that a type names: of `Promise<B | null>` it is B. */
function typePath(found: Collector, node: SyntaxNode | null): Path {
  switch (node?.name) {
    case "TypeName":
      return found.of(node);
    case "ParameterizedType": {
      const name = node.firstChild ? found.of(node.firstChild) : "";
      return WRAPPERS.test(name) ? typePath(found, node.getChild("TypeArgList")?.firstChild?.nextSibling ?? null) : name;
    }
    case "UnionType": {
      const paths = children(node).map((one) => typePath(found, one)).filter((path) => path && path !== "!");
      return paths[0] ?? "";
    }
    case "IntersectionType":
      return typePath(found, node.firstChild);
    case "ArrayType":
    case "LiteralType":
      return "!";
    default:
      return "";
  }
}

/** An expression, as far as it can be followed. */
function pathOf(found: Collector, node: SyntaxNode | null): Path {
  switch (node?.name) {
    case "VariableName":
    case "this":
    case "super":
      return found.of(node);
    case "MemberExpression": {
      const last = node.lastChild;
      const before = last?.name === "PropertyName" || last?.name === "PrivatePropertyName" ? pathOf(found, node.firstChild) : "";
      return before && before !== "!" && !before.startsWith("{") ? `${before}.${found.of(last!)}` : before === "!" ? "!" : "";
    }
    case "CallExpression":
    case "NewExpression": {
      const given = node.getChild("ArgList")?.firstChild?.nextSibling ?? null;
      if (FROZEN.test(found.of(node.firstChild!))) return pathOf(found, given);
      const called = pathOf(found, node.name === "NewExpression" ? (node.firstChild?.nextSibling ?? null) : node.firstChild);
      return called && called !== "!" && called !== "require" && !called.startsWith("{") ? `${called}()` : called === "!" ? "!" : "";
    }
    case "AwaitExpression":
      return pathOf(found, node.lastChild);
    case "InstantiationExpression":
      return pathOf(found, node.firstChild);
    case "BinaryExpression":
      return node.getChild("as") ? typePath(found, node.lastChild) : "";
    case "ParenthesizedExpression":
      return pathOf(found, node.firstChild?.nextSibling ?? null);
    case "PostfixExpression":
      return node.lastChild?.name === "LogicOp" ? pathOf(found, node.firstChild) : "";
    case "ObjectExpression":
      return `{${node.from}`;
    default:
      return node && LITERALS.has(node.name) ? "!" : "";
  }
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
