// The findings without the sources, which eslint's own JSON holds too.
export default function (results) {
  return JSON.stringify(
    results.flatMap(({ filePath, messages }) =>
      messages.map(({ line, column, ruleId, severity, message }) => ({
        path: filePath, line, column, rule: ruleId, severity, message: message.slice(0, 600),
      })),
    ),
  );
}
