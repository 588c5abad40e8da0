/** Names of a Python file. */
import type { SyntaxNode, Tree } from "@lezer/common";
import { Collector, type FileSymbols, type Kind } from "./model";

const OWN_SCOPE = new Set(["LambdaExpression", "ArrayComprehensionExpression", "SetComprehensionExpression", "DictionaryComprehensionExpression", "ComprehensionExpression"]);
const GROUPS = new Set(["TupleExpression", "ArrayExpression", "ParenthesizedExpression"]);

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
        case "VariableName":
          if (!found.done.has(ref.from)) readName(found, ref.node);
          break;
        case "PropertyName":
          readMember(found, ref.node);
          break;
        default:
          if (OWN_SCOPE.has(ref.name)) found.push(ref.from, ref.to, "function", "");
      }
    },
    leave(ref) {
      if (ref.name === "ClassDefinition" || ref.name === "FunctionDefinition" || OWN_SCOPE.has(ref.name)) found.pop();
    },
  });
  return found.symbols;
}

function readDefinition(found: Collector, node: SyntaxNode, isClass: boolean): void {
  const own = node.getChild("VariableName");
  const kind: Kind = isClass ? "class" : found.symbols.scopes[found.scope]!.is === "class" ? "method" : "function";
  const name = own ? found.add(own, { defines: kind }) : null;
  const bases = isClass ? children(node.getChild("ArgList")).filter((child) => isPath(child) && child.nextSibling?.name !== "AssignOp") : [];
  const opened = found.push(node.from, node.to, isClass ? "class" : "function", name?.name ?? "", bases.map(({ from, to }) => found.text.slice(from, to)));
  if (name) name.opens = opened;
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
    } else if (part.name === "*") found.symbols.stars.push(module);
    else if (part.name === "VariableName") {
      if (isFrom) i = addImported(found, parts, i, { module, name: word });
      else {
        // import a.b as c: a name for the module; import a.b: the name a, for the package.
        let whole = word;
        let last = i;
        while (parts[last + 1]?.name === "." && parts[last + 2]) {
          found.done.add(parts[last + 2]!.from);
          whole += "." + found.text.slice(parts[last + 2]!.from, parts[last + 2]!.to);
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
  if (parent?.name === "ArgList" && node.nextSibling?.name === "AssignOp") return; // a keyword of a call
  const kind = parent ? definedAs(node, parent) : null;
  found.add(node, { defines: kind, ...(kind ? { type: typeOf(found, node) } : {}) });
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
  if (parent.name !== "ForStatement" && !OWN_SCOPE.has(parent.name)) return false;
  for (let before = node.prevSibling; before; before = before.prevSibling) {
    if (before.name === "for") return true;
    if (before.name !== "," && before.name !== "VariableName" && !GROUPS.has(before.name)) return false;
  }
  return false;
}

function readMember(found: Collector, node: SyntaxNode): void {
  const whole = node.parent;
  const object = whole?.firstChild;
  const path = object && isPath(object) ? found.text.slice(object.from, object.to) : "";
  if (whole && (path === "self" || path === "cls") && isTarget(whole)) {
    const around = found.classAround();
    if (around >= 0) return void found.add(node, { member: path, scope: around, defines: "attribute", type: typeOf(found, whole) });
  }
  found.add(node, { member: path });
}

/** What a target is said to be, or made of: an annotation, the class that is called, or another name. */
function typeOf(found: Collector, target: SyntaxNode): string | undefined {
  const annotation = target.nextSibling?.name === "TypeDef" ? target.nextSibling : null;
  if (annotation) return annotated(found.text.slice(annotation.from, annotation.to));
  const statement = target.parent;
  const value = statement?.name === "AssignStatement" ? statement.lastChild : null;
  if (!value || value.from <= target.to) return undefined;
  const called = value.name === "CallExpression" ? value.firstChild : null;
  if (called && isPath(called)) return found.text.slice(called.from, called.to);
  return value.name === "VariableName" ? "=" + found.text.slice(value.from, value.to) : undefined;
}

/** The class an annotation names: of `Optional["a.B"]`, `B | None`, `Annotated[B, …]` it is B. */
function annotated(text: string): string | undefined {
  return /^[:\->\s"']*(?:(?:typing\.)?(?:Optional|Annotated|Final|ClassVar)\[)?["'\s]*([A-Za-z_][\w.]*)/.exec(text)?.[1];
}

function isPath(node: SyntaxNode): boolean {
  return node.name === "VariableName" || (node.name === "MemberExpression" && node.firstChild?.name === "VariableName");
}

function children(node: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child; child = child.nextSibling) found.push(child);
  return found;
}
