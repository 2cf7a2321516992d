import { createCatalogue } from '../../kit/text.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { id } from './id.ts'
import { ptBr } from './pt-br.ts'

export const verificationTexts = createCatalogue({ en, id, es, 'pt-BR': ptBr })

export type VerificationWords = (typeof verificationTexts)['en']
