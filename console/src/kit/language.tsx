import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'

/** Those that the server writes messages in. */
export type Language = 'en' | 'id' | 'es' | 'pt-BR'

export const languages: Readonly<Record<Language, string>> = {
  en: 'English',
  id: 'Bahasa Indonesia',
  es: 'Español',
  'pt-BR': 'Português (Brasil)',
}

const storedAs = 'centang-language'

interface Spoken {
  readonly language: Language
  readonly speak: (language: Language) => void
}

const Context = createContext<Spoken>({ language: 'en', speak: () => undefined })

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
  return <Context value={{ language, speak }}>{children}</Context>
}

export const useLanguage = (): Spoken => useContext(Context)
