const fewestColumns = 30;

/** Breaks a text between words into lines of at most `columns` characters, but never fewer than `fewestColumns`. */
export function wrap(text: string, columns: number): string[] {
  const width = Math.max(fewestColumns, columns);
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
