import { Text, UnstyledButton } from '@mantine/core'
import { useWords } from '../../../kit/text.ts'
import { verificationTexts } from '../../text/texts.ts'

/** Numbers by whose last digits the simulated phone misbehaves; choosing one puts the digits into the field. */
export function MagicNumbers({ onChoose }: { onChoose: (lastDigits: string) => void }) {
  const { words } = useWords(verificationTexts)
  return (
    <details className="magic">
      <summary>{words.magic}</summary>
      <Text size="sm" c="dimmed">
        {words.magicHint}
      </Text>
      <ul>
        {Object.entries(words.magicNumbers).map(([digits, about]) => (
          <li key={digits}>
            <UnstyledButton onClick={() => onChoose(digits)}>
              <b translate="no">…{digits}</b> {about}
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </details>
  )
}
