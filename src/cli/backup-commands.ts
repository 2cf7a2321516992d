import type { Command } from 'commander'

export function addBackupCommands(_program: Command): void {}
