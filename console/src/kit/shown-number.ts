/** Calling codes of one and two digits (ITU-T E.164, Annex D); every other has three. */
const parts = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d{2,3})(\d{2,4})(\d{4})$/

/** `+62 812 3456 7890`, which no line breaks; whatever is no number stays as it is. */
export const shownNumber = (e164: string): string => e164.replace(parts, '+$1 $2 $3 $4').replaceAll(' ', '\u00a0')
