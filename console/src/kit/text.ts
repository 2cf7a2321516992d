import { type Language, useLanguage } from './language.tsx'
import { en } from './text/en.ts'
import { es } from './text/es.ts'
import { id } from './text/id.ts'
import { ptBr } from './text/pt-br.ts'

/** Words that several pages need; every module's own come on top of them. */
const common = { en, id, es, 'pt-BR': ptBr }

/** Texts that are looked up by a word of the server, which may be newer than this page and know others. */
export type Labels = Readonly<Record<string, string>>

export type CommonWords = Omit<typeof en, 'refusals'> & { readonly refusals: Labels }

interface OwnWords {
  readonly [name: string]: unknown
  readonly refusals?: Labels
}

type Merged<Own> = CommonWords & Omit<Own, 'refusals'>

export type Catalogue<Words> = Readonly<Record<Language, Words>>

/** The texts of a module: its own in every language, merged with the common ones. */
export function createCatalogue<Own extends OwnWords>(own: Catalogue<Own>): Catalogue<Merged<Own>> {
  const merge = (language: Language): Merged<Own> => ({
    ...common[language],
    ...own[language],
    refusals: { ...common[language].refusals, ...own[language].refusals },
  })
  return { en: merge('en'), id: merge('id'), es: merge('es'), 'pt-BR': merge('pt-BR') }
}

export const commonTexts: Catalogue<CommonWords> = common

interface Spoken<Words> {
  readonly language: Language
  readonly words: Words
}

/** The words of a catalogue in the language the reader chose. */
export function useWords<Words>(catalogue: Catalogue<Words>): Spoken<Words> {
  const { language } = useLanguage()
  return { language, words: catalogue[language] }
}
