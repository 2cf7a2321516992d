import type { en } from './en.ts'

export const ptBr: typeof en = {
  reference: 'Referência da API',
  language: 'Idioma',
  colors: 'Claro ou escuro',
  skip: 'Ir para o conteúdo',
  key: 'Chave de teste',
  keyHint: 'Fica só nesta aba.',
  loading: 'Carregando',
  noPage: 'Esta página não existe.',
  copy: 'Copiar',
  copied: 'Copiado',
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'ligação', email: 'e-mail' },
  refusals: {
    recipient_invalid: 'Isto não é um número de telefone. Escreva com o código do país, por exemplo +55 11 98765-4321.',
    operator_required: 'Esta chave não pode fazer isso.',
    internal: 'Algo deu errado no servidor.',
    credentials_invalid: 'A chave é desconhecida.',
    database_unavailable: 'O banco de dados não responde.',
    busy: 'O servidor está ocupado.',
    unreachable: 'O servidor não responde. Ele está rodando?',
  },
  retryIn: (wait) => `Tente novamente em ${wait}.`,
  retryLater: 'Tente novamente em instantes.',
}
