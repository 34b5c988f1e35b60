import LaminaModel

/// The engine's own thread: collect, schedule, forward, sample, commit, tell.
final class StepLoop {
    /// A sequence that has not ended; a class, because several are sampled at once.
    private final class Active {
        var sampler: Sampler
        /// The token sampled last; nil where its logits were no numbers.
        var sampled: TokenID?
        let tenant: Tenant
        var isAdmitted = false
        let events: AsyncStream<TokenEvent>.Continuation
        let submittedAt: ContinuousClock.Instant

        init(_ submission: Mailbox.Submission) {
            sampler = submission.sampler
            tenant = submission.state.tenant
            events = submission.events
            submittedAt = submission.submittedAt
        }
    }

    /// What one turn of the loop brought.
    private struct Turn {
        var report = StepReport()
        var deliveries: [(events: AsyncStream<TokenEvent>.Continuation, event: TokenEvent)] = []
    }

    private let transformer: Transformer
    private var scheduler: Scheduler
    private var pacer: StepPacer
    private let mailbox: Mailbox
    private let report: @Sendable (StepReport) -> Void
    private var active: [SequenceID: Active] = [:]
    private let clock = ContinuousClock()

    init(
        transformer: Transformer, scheduler: Scheduler, pacer: StepPacer, mailbox: Mailbox,
        report: @escaping @Sendable (StepReport) -> Void
    ) {
        self.transformer = transformer
        self.scheduler = scheduler
        self.pacer = pacer
        self.mailbox = mailbox
        self.report = report
    }

    /// Steps until the mailbox says stop.
    func run() {
        while true {
            let mail = mailbox.collect(isIdle: scheduler.isIdle)
            var turn = Turn()
            take(mail, &turn)
            if mail.isStopping { return end(&turn) }
            if !scheduler.isIdle {
                step(&turn)
            } else if turn.deliveries.isEmpty, mail.endings.isEmpty {
                continue
            }
            publish(turn)
        }
    }

    private func take(_ mail: Mailbox.Mail, _ turn: inout Turn) {
        for submission in mail.submissions {
            scheduler.add(submission.state, deadline: submission.deadline)
            active[submission.state.id] = Active(submission)
        }
        // Who has ended already need not be looked for.
        for (id, reason) in mail.endings where active[id] != nil && scheduler.remove(id) { finish(id, reason, &turn) }
        let now = clock.now
        for id in scheduler.expire(at: now) { finish(id, .deadline, &turn) }
        for admission in scheduler.admit() {
            guard let sequence = active[admission.id] else { continue }
            sequence.isAdmitted = true
            mailbox.admitted(admission.tenant)
            turn.report.queueWaits.append(sequence.submittedAt.duration(to: now))
            turn.report.lookedUpTokens += admission.promptTokens
            turn.report.cachedTokens += admission.cachedTokens
            turn.deliveries.append((sequence.events, .admitted(cachedTokens: admission.cachedTokens, at: now)))
        }
    }

    private func step(_ turn: inout Turn) {
        let start = clock.now
        let step = scheduler.schedule(pacer.allowance)
        transformer.forward(step.batch)
        let sampled = sample(step)
        let end = clock.now
        turn.report.computedTokens = step.batch.tokenCount
        turn.report.promptTokens = step.promptTokens
        turn.report.recomputedTokens = step.recomputedTokens
        turn.report.preemptions = step.preemptions
        pacer.observe(
            promptTokens: step.prefillTokens, decodes: step.decodes, duration: start.duration(to: end))
        for outcome in scheduler.commit(step, sampled: sampled) {
            if outcome.finished != .failed { turn.report.generatedTokens += 1 }
            if let token = outcome.token, let events = active[outcome.id]?.events {
                turn.deliveries.append((events, .token(token, at: end)))
            }
            if let reason = outcome.finished { finish(outcome.id, reason, &turn) }
        }
        turn.report.stepDuration = start.duration(to: end)
    }

    /// A token for each slice that wants logits; nil where its logits are no numbers.
    private func sample(_ step: Scheduler.Step) -> [TokenID?] {
        let sequences = zip(step.ids, step.batch.slices).filter { $1.wantsLogits }.map { id, _ in active[id] }
        transformer.forEachLogits(sequences.count) { index, logits in
            guard let sequence = sequences[index] else { return }
            sequence.sampled = sequence.sampler.sample(&logits)
        }
        return sequences.map { $0?.sampled }
    }

    private func finish(_ id: SequenceID, _ reason: FinishReason, _ turn: inout Turn) {
        guard let sequence = active.removeValue(forKey: id) else { return }
        mailbox.ended(sequence.tenant, wasAdmitted: sequence.isAdmitted)
        if reason == .deadline, !sequence.isAdmitted { turn.report.expiredWaiting += 1 }
        turn.report.finished[reason, default: 0] += 1
        turn.deliveries.append((sequence.events, .finished(reason)))
    }

    /// Reports, then tells the callers: who has its last event finds the metrics up to date.
    private func publish(_ turn: Turn) {
        var report = turn.report
        report.runningSequences = scheduler.running.count
        report.maximumSequences = scheduler.limits.maximumSequences
        report.stepTarget = scheduler.limits.stepTarget
        report.waitingSequences = scheduler.waiting.count
        report.waitingTenants = scheduler.waiting.tenantCount
        report.blockCount = scheduler.pool.blockCount
        report.freeBlocks = scheduler.pool.freeCount
        self.report(report)
        for (events, event) in turn.deliveries {
            events.yield(event)
            if case .finished = event { events.finish() }
        }
    }

    /// Ends every sequence: no caller may wait for an engine that is gone.
    private func end(_ turn: inout Turn) {
        for id in scheduler.ids where scheduler.remove(id) { finish(id, .shutdown, &turn) }
        publish(turn)
        mailbox.stopped()
    }
}
