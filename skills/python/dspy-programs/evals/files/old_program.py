# ruff: noqa

import dspy

turbo = dspy.OpenAI(model="gpt-3.5-turbo", max_tokens=250)
dspy.settings.configure(lm=turbo)


class QA(dspy.Module):
    def forward(self, question):
        answer = dspy.TypedChainOfThought("question -> answer")(question=question).answer
        dspy.Suggest(len(answer) < 100, "The answer should be short.")
        return dspy.Prediction(answer=answer)


def metric(gold, pred, trace=None):
    return gold.answer == pred.answer


devset = [dspy.Example(question="Capital of France?", answer="Paris")]
evaluate = dspy.Evaluate(devset=devset, metric=metric, return_outputs=True)
print(evaluate(QA().forward))
