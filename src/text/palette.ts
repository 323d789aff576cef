/** @file The colours of pages and of drawings in them, light and dark. */
export const palette: string = `
:root {
  color-scheme: light dark;
  --bg: #f8fafc; --card: #fff; --text: #0f172a; --dim: #64748b; --line: #e2e8f0;
  --blue: #2563eb; --red: #dc2626; --amber: #b45309; --amber-bg: #fef3c7;
  --node-op: #fff; --node-leaf: #dbeafe; --node-leaf-line: #2563eb; --node-constant: #f1f5f9;
  --node-line: #94a3b8; --node-text: #0f172a; --node-grad: #b91c1c; --node-dim: #64748b;
  --node-module: #ede9fe; --node-module-line: #7c3aed; --node-below: #2563eb; --node-above: #ea580c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --bg: #0b1120; --card: #141c2f; --text: #e2e8f0; --dim: #94a3b8; --line: #26324a;
    --blue: #60a5fa; --red: #f87171; --amber: #fcd34d; --amber-bg: #422006;
    --node-op: #141c2f; --node-leaf: #172f5c; --node-leaf-line: #60a5fa; --node-constant: #1e293b;
    --node-line: #64748b; --node-text: #e2e8f0; --node-grad: #fca5a5; --node-dim: #94a3b8;
    --node-module: #2e1f5e; --node-module-line: #a78bfa; --node-below: #60a5fa; --node-above: #fb923c;
  }
}
`
