// Random editing by CodeMirror itself: prints cases {before, after, changes[]} as JSON, one a line.
// node codemirror_oracle.mjs <folder with node_modules> <cases> <edits a case> <seed>
import { createRequire } from "node:module"

const [folder, cases, edits, seed] = process.argv.slice(2)
const require = createRequire(folder + "/")
const { EditorState } = require("@codemirror/state")
const { history, undo, redo } = require("@codemirror/commands")

let state = Number(seed)
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
const pieces = ["a", "\n", "\n\n", "é", "😀", "\ud83d", "\ude00", "\r", "word ", "x\ny\n", "\u2028", "", "漢字"]
const text = () => Array.from({ length: random(4) }, () => pieces[random(pieces.length)]).join("")

for (let number = 0; number < Number(cases); number++) {
  const before = Array.from({ length: random(8) }, text).join("")
  const changes = []
  let editor = EditorState.create({ doc: before, extensions: [EditorState.lineSeparator.of("\n"), history()] })
  const dispatch = (transaction) => {
    editor = transaction.state
    changes.push(transaction.changes.toJSON())
  }
  for (let edit = 0; edit < Number(edits); edit++) {
    const roll = random(10)
    if (roll === 0) undo({ state: editor, dispatch })
    else if (roll === 1) redo({ state: editor, dispatch })
    else {
      const length = editor.doc.length
      const cuts = Array.from({ length: 2 * (1 + random(3)) }, () => random(length + 1)).sort((a, b) => a - b)
      const replacements = []
      for (let i = 0; i < cuts.length; i += 2)
        replacements.push({ from: cuts[i], to: random(3) ? cuts[i] : cuts[i + 1], insert: editor.toText(text()) })
      dispatch(editor.update({ changes: replacements, userEvent: "input.type" }))
    }
  }
  console.log(JSON.stringify({ before, after: editor.doc.toString(), changes }))
}
