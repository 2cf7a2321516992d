/** `light-dark` follows the page's `color-scheme`: a page that has no dark side keeps a light field. */
export const styles: string = `
:host {
  display: block;
  max-inline-size: 22rem;
  color: var(--otp-color, light-dark(#17211c, #e6ece8));
  font-family: inherit;
  line-height: 1.45;
  --accent: var(--otp-accent, light-dark(#0b6e4f, #4fd1a1));
}
:host([hidden]), div[hidden] { display: none !important; }
label, p { margin: 0 0 .4em; }
label { display: block; font-weight: 600; }
#hint, #status { color: var(--otp-muted, light-dark(#4d5953, #aebbb4)); }
#status[part~=verified] { color: var(--accent); font-weight: 600; }
#status[part~=verified]::before { content: '✓ ' / ''; }
#error { color: var(--otp-error, light-dark(#b3261e, #ff9a94)); }
p:empty { display: none; }
input {
  box-sizing: border-box;
  inline-size: 100%;
  min-block-size: 3.25rem;
  margin: 0 0 .4em;
  padding: .25em .35em .25em .7em;
  border: 1.5px solid var(--otp-border, light-dark(#7d8c84, #74847b));
  border-radius: var(--otp-radius, .6rem);
  background: var(--otp-background, light-dark(#fff, #18201c));
  color: inherit;
  font: 600 var(--otp-font-size, 1.6rem)/1 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  letter-spacing: .35em;
  text-align: center;
}
input[aria-invalid=true] { border-color: var(--otp-error, light-dark(#b3261e, #ff9a94)); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
div { display: flex; flex-wrap: wrap; gap: 0 1em; margin-inline-start: -.15em; }
button {
  min-block-size: 2.75rem;
  padding: 0 .15em;
  border: 0;
  border-radius: .3rem;
  background: none;
  color: var(--accent);
  font: inherit;
  font-weight: 600;
  text-align: start;
  text-decoration: underline;
  text-underline-offset: .2em;
  font-variant-numeric: tabular-nums;
  cursor: pointer;
}
[aria-disabled=true] { color: var(--otp-muted, light-dark(#4d5953, #aebbb4)); text-decoration: none; cursor: default; }
`
