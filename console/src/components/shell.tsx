import {
  ActionIcon,
  Anchor,
  AppShell,
  Group,
  NativeSelect,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { type Language, languages, useLanguage } from '../text/language.tsx'
import { HalfMoon, Tick } from './icons.tsx'

/** What stands around every page of the console. */
export function Shell() {
  const { language, words, speak } = useLanguage()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  return (
    <AppShell header={{ height: 60 }} padding={{ base: 'md', sm: 'lg' }}>
      <a href="#main" className="skip">
        {words.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px={{ base: 'sm', sm: 'lg' }} justify="space-between" wrap="nowrap" gap="xs">
          <Group gap={8} wrap="nowrap">
            <Tick size={28} />
            <Text fw={700} size="lg">
              Centang
            </Text>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <Anchor href="/" aria-current="page" c="var(--mantine-color-text)" size="sm" fw={600} visibleFrom="sm">
              {words.tryIt}
            </Anchor>
            <Anchor href="/docs" c="var(--mantine-color-text)" size="sm" visibleFrom="xs">
              {words.reference}
            </Anchor>
            <NativeSelect
              className="language"
              aria-label={words.language}
              size="xs"
              value={language}
              onChange={(event) => speak(event.currentTarget.value as Language)}
              data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            />
            <ActionIcon
              variant="default"
              size="md"
              aria-label={words.colors}
              onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
            >
              <HalfMoon />
            </ActionIcon>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  )
}
