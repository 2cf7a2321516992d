import type { Page } from '../../../kit/page.ts'
import { verificationTexts } from '../../text/texts.ts'
import { TryIt } from './try-it.tsx'

export const page: Page = {
  path: '/',
  component: TryIt,
  place: 10,
  title: (language) => verificationTexts[language].tryIt,
}
