/** Columns of a terminal that no line of a table or text goes beyond. */
export const TEXT_WIDTH = 120;

/** Breaks a text at its blanks into lines of at most `width` columns, as far as its words allow; further lines are indented. */
export function wrapText(text: string, width: number = TEXT_WIDTH, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && Array.from(longer).length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}
