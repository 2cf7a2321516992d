/** What stands before every path of this server, where a proxy has put it under one; the server wrote it into the page. */
export const base = document.querySelector<HTMLMetaElement>('meta[name=base]')?.content ?? ''
