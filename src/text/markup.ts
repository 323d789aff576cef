/** @file Text as HTML, XML and other formats of drawings hold it. */

/**
 * Text with the replacement character for what XML 1.0 has no form for at all: control characters but tab and line
 * ends, halves of surrogate pairs, U+FFFE and U+FFFF.
 */
export const withoutControls = (text: string): string =>
  text.replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')

/** Text between tags or in an attribute, for HTML and XML alike. */
export const escapeMarkup = (text: string): string =>
  withoutControls(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** A page that loads nothing from elsewhere. @param body  markup, as `style` is CSS */
export const htmlPage = (title: string, style: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`
