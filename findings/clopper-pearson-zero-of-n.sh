#!/usr/bin/env bash
# Commons Math 3.6.1: the exact binomial interval of "no false alarm among 20 good parts" is an exception.
#
# ClopperPearsonInterval.createInterval(20, 0, 0.95) and (20, 20, 0.95) throw NotStrictlyPositiveException (degrees of freedom), though 0 of n and
# n of n are the commonest results of an inspection and the interval exists: its ends are 0 and 1 - 0.025^(1/20) = 0.1684.
# NormalApproximationInterval throws there too; WilsonScoreInterval answers. With 1 of 20 all of them answer, so tests with a failure in them pass.
# Way out: BetaDistribution quantiles, with the ends 0 and 1 set by hand.
. "$(dirname "$(readlink -f "$0")")/common.sh"
maven org.apache.commons:commons-math3:3.6.1
cat > Intervals.java <<'JAVA'
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.stat.interval.*;
public class Intervals {
    public static void main(String[] arguments) {
        for (BinomialConfidenceInterval method : new BinomialConfidenceInterval[] {
                new ClopperPearsonInterval(), new NormalApproximationInterval(), new WilsonScoreInterval()}) {
            for (int successes : new int[] {0, 1, 20}) {
                String result;
                try {
                    ConfidenceInterval interval = method.createInterval(20, successes, 0.95);
                    result = String.format("%.4f to %.4f", interval.getLowerBound(), interval.getUpperBound());
                } catch (RuntimeException e) {
                    result = e.getClass().getSimpleName();
                }
                System.out.println(method.getClass().getSimpleName() + " " + successes + " of 20: " + result);
            }
        }
        System.out.printf("Beta quantile, 0 of 20: 0 to %.4f%n", new BetaDistribution(1, 20).inverseCumulativeProbability(0.975));
    }
}
JAVA
java -cp "$class_path" Intervals.java > seen
cat > expected <<'TEXT'
ClopperPearsonInterval 0 of 20: NotStrictlyPositiveException
ClopperPearsonInterval 1 of 20: 0.0013 to 0.2487
ClopperPearsonInterval 20 of 20: NotStrictlyPositiveException
NormalApproximationInterval 0 of 20: MathIllegalArgumentException
NormalApproximationInterval 1 of 20: -0.0455 to 0.1455
NormalApproximationInterval 20 of 20: MathIllegalArgumentException
WilsonScoreInterval 0 of 20: 0.0000 to 0.1611
WilsonScoreInterval 1 of 20: 0.0089 to 0.2361
WilsonScoreInterval 20 of 20: 0.8389 to 1.0000
Beta quantile, 0 of 20: 0 to 0.1684
TEXT
expect
