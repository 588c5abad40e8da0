/** Names of a Python file. */
import type { SyntaxNode, Tree } from "@lezer/common";
import { Collector, type FileSymbols, type Kind, type Name, type Path } from "./model";

const OWN_SCOPE = new Set(["LambdaExpression", "ArrayComprehensionExpression", "SetComprehensionExpression", "DictionaryComprehensionExpression", "ComprehensionExpression"]);
const GROUPS = new Set(["TupleExpression", "ArrayExpression", "ParenthesizedExpression"]);
const LITERALS = new Set(["String", "FormatString", "ContinuedString", "Number", "Boolean", "None", "ArrayExpression", "DictionaryExpression", "SetExpression", "TupleExpression", ...OWN_SCOPE].filter((name) => name !== "LambdaExpression"));
const WRAPPERS = /^(?:typing\.)?(?:Optional|Annotated|Final|ClassVar|Type|type|Awaitable|Mapped)$/;
// Decorators that make a method read like an attribute.
const GETTERS = /^(?:property|(?:\w+\.)?cached_property|(?:\w+\.)?hybrid_property)$/;

export function pythonSymbols(tree: Tree, text: string): FileSymbols {
  const found = new Collector(text);
  tree.iterate({
    enter(ref) {
      switch (ref.name) {
        case "ImportStatement":
          readImport(found, ref.node);
          break;
        case "ClassDefinition":
        case "FunctionDefinition":
          readDefinition(found, ref.node, ref.name === "ClassDefinition");
          break;
        case "ReturnStatement":
          found.returned(pathOf(found, ref.node.lastChild), ref.from);
          break;
        case "VariableName":
          if (!found.done.has(ref.from)) readName(found, ref.node);
          break;
        case "PropertyName":
          readMember(found, ref.node);
          break;
        default:
          if (hasOwnScope(ref.node)) found.push(ref.from, ref.to, "function", null);
      }
    },
    leave(ref) {
      if (ref.name === "ClassDefinition" || ref.name === "FunctionDefinition" || hasOwnScope(ref.node)) found.pop();
    },
  });
  return found.symbols;
}

/** A lambda, a comprehension; also the arguments of a call that are one: `any(… for …)`. */
function hasOwnScope(node: SyntaxNode): boolean {
  return OWN_SCOPE.has(node.name) || (node.name === "ArgList" && node.getChild("for") !== null);
}

function readDefinition(found: Collector, node: SyntaxNode, isClass: boolean): void {
  const own = node.getChild("VariableName");
  const kind: Kind = isClass ? "class" : found.symbols.scopes[found.scope]!.is === "class" ? "method" : "function";
  const name = own ? found.add(own, { defines: kind }) : null;
  const bases = isClass ? children(node.getChild("ArgList")).filter((child) => pathOf(found, child) && child.nextSibling?.name !== "AssignOp") : [];
  const annotation = node.getChild("TypeDef");
  if (name && annotation && !isClass) name.returns = { path: annotated(found.of(annotation)), at: node.from };
  if (name && kind === "method") name.getter = node.parent?.name === "DecoratedStatement" && node.parent.getChildren("Decorator").some((one) => GETTERS.test(found.of(one).slice(1).trim()));
  found.push(node.from, node.to, isClass ? "class" : "function", name, bases.map((base) => pathOf(found, base)));
}

function readImport(found: Collector, node: SyntaxNode): void {
  let module = "";
  let names = false;
  const parts = children(node);
  const isFrom = parts[0]?.name === "from";
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i]!;
    const word = found.text.slice(part.from, part.to);
    if (part.name === "import" && isFrom) names = true;
    else if (isFrom && !names) {
      module += word;
      found.done.add(part.from);
      if (part.name === "VariableName") found.add(part, { member: "", imports: { module, name: null } });
    } else if (part.name === "*") found.symbols.stars.push(module);
    else if (part.name === "VariableName") {
      if (isFrom) i = addImported(found, parts, i, { module, name: word });
      else {
        // import a.b as c: a name for the module; import a.b: the name a, for the package.
        let whole = word;
        let last = i;
        while (parts[last + 1]?.name === "." && parts[last + 2]) {
          whole += "." + found.of(parts[last + 2]!);
          found.add(parts[last + 2]!, { member: "", imports: { module: whole, name: null } });
          last += 2;
        }
        const renamed = parts[last + 1]?.name === "as";
        if (renamed) {
          found.done.add(part.from);
          i = last;
          i = addImported(found, parts, i, { module: whole, name: null }, true);
        } else {
          found.add(part, { defines: "import", imports: { module: last > i ? word : whole, name: null } });
          i = last;
        }
      }
    }
  }
}

/** A name that is imported, under the one after `as` where there is one; the index of its last part. */
function addImported(found: Collector, parts: SyntaxNode[], at: number, imports: { module: string; name: string | null }, onlyRenamed = false): number {
  const alias = parts[at + 1]?.name === "as" ? parts[at + 2] : undefined;
  if (!alias) {
    found.add(parts[at]!, { defines: "import", imports });
    return at;
  }
  if (!onlyRenamed) found.add(parts[at]!, { member: "", imports });
  found.add(alias, { defines: "import", imports });
  return at + 2;
}

function readName(found: Collector, node: SyntaxNode): void {
  const parent = node.parent;
  if (parent?.name === "ArgList" && node.nextSibling?.name === "AssignOp") return void found.add(node, { member: "", argumentOf: pathOf(found, parent.prevSibling) });
  const kind = parent ? definedAs(node, parent) : null;
  const more: Partial<Name> = kind ? { type: typeOf(found, node) } : {};
  const isGlobal = kind === "variable" && found.symbols.scopes[found.scope]!.is === "function" && declaredGlobal(found, node);
  found.add(node, { defines: isGlobal ? null : kind, ...more });
}

/** Whether a `global` or `nonlocal` of the function says that the name is not its own. */
function declaredGlobal(found: Collector, node: SyntaxNode): boolean {
  let body = node.parent;
  while (body && body.name !== "FunctionDefinition") body = body.parent;
  const said = body?.getChild("Body")?.getChildren("ScopeStatement") ?? [];
  return said.some((one) => one.getChildren("VariableName").some((name) => found.of(name) === found.of(node)));
}

function definedAs(node: SyntaxNode, parent: SyntaxNode): Kind | null {
  switch (parent.name) {
    case "ParamList":
      return node.prevSibling?.name === "AssignOp" ? null : "parameter";
    case "WithStatement":
    case "TryStatement":
      return node.prevSibling?.name === "as" ? "variable" : null;
    case "NamedExpression":
      return node.prevSibling ? null : "variable";
    default:
      return isTarget(node) ? "variable" : null;
  }
}

/** Whether something is assigned to this expression: `x = …`, `x, y = …`, `for x in …`, also in a comprehension. */
function isTarget(node: SyntaxNode): boolean {
  const parent = node.parent;
  if (!parent) return false;
  if (GROUPS.has(parent.name)) return isTarget(parent);
  if (parent.name === "AssignStatement") {
    if (node.nextSibling?.name === "TypeDef") return true;
    for (let next = node.nextSibling; next; next = next.nextSibling) if (next.name === "AssignOp") return true;
    return false;
  }
  if (parent.name !== "ForStatement" && !hasOwnScope(parent)) return false;
  for (let before = node.prevSibling; before; before = before.prevSibling) {
    if (before.name === "for") return true;
    if (before.name !== "," && before.name !== "VariableName" && !GROUPS.has(before.name)) return false;
  }
  return false;
}

function readMember(found: Collector, node: SyntaxNode): void {
  const whole = node.parent;
  const path = pathOf(found, whole?.firstChild ?? null);
  if (whole && (path === "self" || path === "cls") && isTarget(whole)) {
    const around = found.classAround();
    if (around >= 0) return void found.add(node, { member: path, scope: around, defines: "attribute", type: typeOf(found, whole) });
  }
  found.add(node, { member: path });
}

/** What a target is said to be, or made of: an annotation, or the value that is assigned. */
function typeOf(found: Collector, target: SyntaxNode): Path | undefined {
  const annotation = target.nextSibling?.name === "TypeDef" ? target.nextSibling : null;
  if (annotation) return annotated(found.of(annotation));
  if (target.parent?.name === "WithStatement") return undefined; // what __enter__ gives
  const statement = target.parent;
  const value = statement?.name === "AssignStatement" || statement?.name === "NamedExpression" ? statement.lastChild : null;
  return value && value.from > target.to ? pathOf(found, value) || undefined : undefined;
}

/** The class an annotation names: of `Optional["a.B"]`, `B | None`, `Annotated[B, …]` it is B. */
function annotated(text: string): Path {
  return /^[:\->\s"']*(?:(?:typing\.)?(?:Optional|Annotated|Final|ClassVar|Type|type|Awaitable|Mapped)\[)*["'\s]*([A-Za-z_][\w.]*)/.exec(text)?.[1] ?? "";
}

/** An expression, as far as it can be followed. */
function pathOf(found: Collector, node: SyntaxNode | null): Path {
  switch (node?.name) {
    case "VariableName":
      return found.of(node);
    case "MemberExpression": {
      // Viewer = Annotated[User, Depends(…)]
      if (node.lastChild?.name === "]") return WRAPPERS.test(found.of(node.firstChild!)) ? pathOf(found, node.firstChild!.nextSibling?.nextSibling ?? null) : "";
      const before = node.lastChild?.name === "PropertyName" ? pathOf(found, node.firstChild) : "";
      return before && before !== "!" ? `${before}.${found.of(node.lastChild!)}` : before;
    }
    case "CallExpression": {
      const called = pathOf(found, node.firstChild);
      return called && called !== "!" ? `${called}()` : called;
    }
    case "AwaitExpression":
      return pathOf(found, node.lastChild);
    case "ParenthesizedExpression":
      return pathOf(found, node.firstChild?.nextSibling ?? null);
    default:
      return node && LITERALS.has(node.name) ? "!" : "";
  }
}

function children(node: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child; child = child.nextSibling) found.push(child);
  return found;
}
