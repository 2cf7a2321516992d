import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { en } from './en.ts'
import { es } from './es.ts'
import { id } from './id.ts'
import { ptBr } from './pt-br.ts'
import type { Words } from './words.ts'

export const languages = {
  en: 'English',
  id: 'Bahasa Indonesia',
  es: 'Español',
  'pt-BR': 'Português (Brasil)',
} as const
export type Language = keyof typeof languages

const words: Record<Language, Words> = { en, id, es, 'pt-BR': ptBr }
const storedAs = 'centang-language'

interface Spoken {
  readonly language: Language
  readonly words: Words
  readonly speak: (language: Language) => void
}

const Context = createContext<Spoken>({ language: 'en', words: en, speak: () => undefined })

function preferred(): Language {
  const wanted = [localStorage.getItem(storedAs), ...navigator.languages].filter((one) => one !== null)
  const known = Object.keys(languages) as Language[]
  return (
    wanted
      .map((one) => known.find((it) => one.toLowerCase().startsWith(it.slice(0, 2))))
      .find((one) => one !== undefined) ?? 'en'
  )
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(preferred)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const speak = (chosen: Language): void => {
    localStorage.setItem(storedAs, chosen)
    setLanguage(chosen)
  }
  return <Context value={{ language, words: words[language], speak }}>{children}</Context>
}

export const useLanguage = (): Spoken => useContext(Context)
