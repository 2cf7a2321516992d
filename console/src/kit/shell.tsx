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
import { Link, Outlet } from '@tanstack/react-router'
import { base } from './base.ts'
import { HalfMoon, Tick } from './icons.tsx'
import { type Language, languages, useLanguage } from './language.tsx'
import type { Page } from './page.ts'
import { commonTexts, useWords } from './text.ts'

/** What stands around every page of the console. */
export function Shell({ pages }: { pages: readonly Page[] }) {
  const { language, speak } = useLanguage()
  const { words } = useWords(commonTexts)
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
            <Navigation pages={pages} />
            <Anchor href={`${base}/docs`} c="var(--mantine-color-text)" size="sm" visibleFrom="xs">
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

function Navigation({ pages }: { pages: readonly Page[] }) {
  const { language } = useLanguage()
  return pages.map(({ path, title }) => (
    <Anchor
      key={path}
      component={Link}
      to={path}
      // Else the first page would count as open on all of them: every path begins with its own.
      activeOptions={{ exact: true }}
      className="nav"
      c="var(--mantine-color-text)"
      size="sm"
      visibleFrom="sm"
    >
      {title(language)}
    </Anchor>
  ))
}
