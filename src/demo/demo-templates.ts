import type { Sender } from '#messaging/core/channel.ts'
import { createTextTemplate, type GraphCall } from '#messaging/providers/whatsapp/template.ts'

/** What the simulated business has had approved besides its codes; `examples/appointment` sends it. */
export const createDemoTemplates = (sender: Sender, call: GraphCall): Promise<void> =>
  createTextTemplate(sender, call, {
    name: 'appointment',
    category: 'UTILITY',
    texts: {
      en_US: {
        body: 'Hello {{1}}, your appointment is on {{2}}. Can you come?',
        quickReplies: ['Confirm', 'Another time'],
      },
      id: {
        body: 'Halo {{1}}, janji temu Anda {{2}}. Apakah Anda bisa datang?',
        quickReplies: ['Konfirmasi', 'Waktu lain'],
      },
      es: {
        body: 'Hola, {{1}}: tu cita es el {{2}}. ¿Puedes venir?',
        quickReplies: ['Confirmar', 'Otra hora'],
      },
      pt_BR: {
        body: 'Olá, {{1}}! Seu horário é {{2}}. Você pode vir?',
        quickReplies: ['Confirmar', 'Outro horário'],
      },
    },
  })
